"""Exercise 1: tiers, engagement, and what a thousand views or one reaction really cost.

The numbers are a made-up case, drawn for each trainee around the sizes that the book's examples
have; every result comes from `kolkit.models.tiers`, as in the tier-mix workbook.
"""

from kolkit.course import ex01_case as case
from kolkit.course.exercise import Exercise
from kolkit.course.questions import (
    ChoiceQuestion,
    Misconception,
    NumberQuestion,
    Option,
    OrderQuestion,
)
from kolkit.words import N_

FORGOT_LABOUR = N_("Forgot labour")
IN_DOLLARS = N_("Mixed US dollars and RMB")
PER_VIEW = N_("Per view instead of per thousand")
UPSIDE_DOWN = N_("Fraction upside down")

COUNTED_TWICE = N_(
    "The reactions were counted on all followers, the inauthentic ones included, and so was the "
    "rate. Taking only the authentic followers removes them a second time."
)

ENGAGEMENT_RATE = NumberQuestion(
    key="rate",
    title=N_("Engagement rate of a small account"),
    prompt=N_(
        "A customer shows your product to {friends} friends, and {likes} of them like the post. "
        "What is the engagement rate by followers?"
    ),
    unit="share",
    truth=case.rate,
    misconceptions=(
        Misconception(
            "upside_down",
            UPSIDE_DOWN,
            N_(
                "That is friends for each like. The rate asks for the opposite: likes for each "
                "friend."
            ),
            lambda v: v["friends"] / v["likes"],
        ),
    ),
    nudge=N_("Engagement rate by followers = reactions divided by followers."),
    solution=N_("{likes} likes divided by {friends} friends are {rate}."),
)

COMPARISON = ChoiceQuestion(
    key="ratio",
    title=N_("What two rates say, and what they do not"),
    prompt=N_(
        "The posts of a KOC reach an engagement rate of {koc_rate}, those of a celebrity with "
        "{big_followers} followers {big_rate}. Which statement follows from these numbers?"
    ),
    options=(
        Option(
            "per_follower",
            N_("Per follower, the KOC’s posts get {ratio} times as many reactions."),
        ),
        Option(
            "in_all",
            N_("In all, the KOC’s posts get {ratio} times as many reactions."),
            N_("Took the ratio of rates for total reactions"),
            N_(
                "A rate is per follower. Multiply {big_rate} by {big_followers} followers: the "
                "celebrity’s post collects tens of thousands of reactions."
            ),
        ),
        Option(
            "per_yuan",
            N_("For the same money, KOCs’ posts get {ratio} times as many reactions."),
            N_("Took the ratio of rates for value for money"),
            N_(
                "Neither rate contains a price. What a reaction costs needs the cost of the post, "
                "labour included."
            ),
        ),
        Option(
            "difference",
            N_("Per follower, the KOC’s posts get {difference} times as many reactions."),
            N_("Difference of rates instead of ratio"),
            N_("That is one rate minus the other, in percentage points. “Times” asks to divide."),
        ),
    ),
    right="per_follower",
    told=("ratio", "difference"),
    nudge=N_("Ask of each statement which numbers it needs, and whether you have them."),
    solution=N_(
        "{koc_rate} divided by {big_rate} is {ratio}: reactions per follower. In all, the "
        "celebrity’s post still collects {big_total}; a ratio of rates is no ratio of impact."
    ),
)

NAIVE_CPM = NumberQuestion(
    key="naive_cpm",
    title=N_("The naive CPM"),
    prompt=N_(
        "A micro-KOL with {followers} followers asks {price_usd} for a post; a US dollar costs "
        "{cny_per_usd} RMB. The price list counts every follower as a view and no cost but the "
        "price. What is its CPM in RMB?"
    ),
    unit="CNY",
    truth=case.naive_cpm,
    misconceptions=(
        Misconception(
            "in_dollars",
            IN_DOLLARS,
            N_("That is the CPM in US dollars: turn the price into RMB first."),
            lambda v: case.naive_cpm(v) / v["cny_per_usd"],
        ),
        Misconception(
            "per_view",
            PER_VIEW,
            N_("That is the cost of one view. CPM is the cost of a thousand."),
            lambda v: case.naive_cpm(v) / 1000,
        ),
        Misconception(
            "wrong_way_exchange",
            N_("Exchanged the wrong way"),
            N_("A dollar costs several RMB, so that the price in RMB is the larger number."),
            lambda v: case.naive_cpm(v) / v["cny_per_usd"] ** 2,
        ),
        Misconception(
            "upside_down",
            UPSIDE_DOWN,
            N_("That is views for each RMB. CPM asks what a thousand views cost."),
            lambda v: v["followers"] / case.price_cny(v),
        ),
    ),
    nudge=N_("CPM = cost divided by views, times 1,000; the cost in RMB."),
    solution=N_(
        "{price_usd} are {price_cny}; divided by {followers} views and times 1,000 that is "
        "{naive_cpm}."
    ),
)

TRUE_COST = NumberQuestion(
    key="cost",
    title=N_("What the post really costs"),
    prompt=N_(
        "For one micro-KOL who agrees you contact {contacts}. Finding, assessing and writing to "
        "one takes {minutes}, and a contact costs {fee} in tool fees. Looking after the post takes "
        "{managing}, an hour of work costs {wage}, and you give away a product worth {product}. "
        "With the price of task 3 ({price_usd} at {cny_per_usd} RMB): what does the post cost in "
        "RMB?"
    ),
    unit="CNY",
    tolerance=0.005,
    truth=case.cost,
    misconceptions=(
        Misconception(
            "forgot_labour",
            FORGOT_LABOUR,
            N_("You left out the hours. People’s time is paid as well: hours times wage."),
            lambda v: case.cost(v) - case.contact_labour(v) - case.managing_labour(v),
        ),
        Misconception(
            "one_contact",
            N_("Counted one contact only"),
            N_(
                "You counted the work and fee of one contact. For one who agrees {contacts} are "
                "contacted, and those in vain cost the same."
            ),
            lambda v: (
                case.cost(v)
                - (case.contact_labour(v) + case.outreach_cost(v)) * (1 - 1 / v["contacts"])
            ),
        ),
        Misconception(
            "managing_each",
            N_("Managed every contact"),
            N_("Only the one who agrees is looked after; the others were contacted."),
            lambda v: case.cost(v) + case.managing_labour(v) * (v["contacts"] - 1),
        ),
        Misconception(
            "in_dollars",
            IN_DOLLARS,
            N_("The price is in US dollars, everything else in RMB: exchange before adding."),
            lambda v: case.cost(v) - case.price_cny(v) + v["price_usd"],
        ),
        Misconception(
            "minutes_as_hours",
            N_("Took minutes for hours"),
            N_("The work per contact is given in minutes, the wage per hour: divide by 60."),
            lambda v: case.cost(v) + 59 * case.contact_labour(v),
        ),
        Misconception(
            "forgot_outreach",
            N_("Forgot the fee per contact"),
            N_("Each contact also costs its fee, whether it leads to a post or not."),
            lambda v: case.cost(v) - case.outreach_cost(v),
        ),
        Misconception(
            "forgot_product",
            N_("Forgot the product"),
            N_("The product given away is a cost as well."),
            lambda v: case.cost(v) - v["product"],
        ),
    ),
    nudge=N_(
        "Add five parts: price in RMB, work on all contacts, work on the post, fees of all "
        "contacts, product."
    ),
    solution=N_(
        "{price_cny} price + {contact_labour} work on {contacts} contacts + {managing_labour} work "
        "on the post + {outreach} fees + {product} product = {cost}."
    ),
)

TRUE_CPM = NumberQuestion(
    key="true_cpm",
    title=N_("The true CPM"),
    prompt=N_(
        "The table shows the micro-KOL in the first column. With the cost of task 4: what do a "
        "thousand views by people cost, in RMB?"
    ),
    unit="CNY",
    case=True,
    truth=case.micro_cpm,
    misconceptions=(
        Misconception(
            "followers",
            N_("Counted followers as views"),
            N_("You divided by the followers. Not all are people, and not all people see a post."),
            lambda v: 1000 * case.cost(v) / v["followers"],
        ),
        Misconception(
            "not_people",
            N_("Counted views that are not people"),
            N_("Only {authentic} of the followers are people; the rest see nothing."),
            lambda v: case.micro_cpm(v) * v["authentic"],
        ),
        Misconception(
            "all_see",
            N_("Assumed that every follower sees the post"),
            N_("Of the people who follow, only {seen} see a post."),
            lambda v: case.micro_cpm(v) * v["seen"],
        ),
        Misconception(
            "forgot_labour",
            FORGOT_LABOUR,
            N_("You took the price alone. The cost of task 4 has labour, fees and product in it."),
            lambda v: case.micro_cpm(v) * case.price_cny(v) / case.cost(v),
        ),
        Misconception(
            "per_view",
            PER_VIEW,
            N_("That is the cost of one view. CPM is the cost of a thousand."),
            lambda v: case.micro_cpm(v) / 1000,
        ),
    ),
    nudge=N_("Views by people = followers × share of people × share of them that see a post."),
    solution=N_(
        "{followers} × {authentic} × {seen} are {views} views by people; {cost} for them is "
        "{true_cpm} per thousand, against {naive_cpm} on the price list."
    ),
)

CPE = NumberQuestion(
    key="cpe",
    title=N_("Cost per engagement"),
    prompt=N_(
        "Same micro-KOL, same cost. Its engagement rate was counted on all of its followers. What "
        "does one reaction cost (CPE), in RMB?"
    ),
    unit="CNY",
    case=True,
    truth=case.micro_cpe,
    misconceptions=(
        Misconception(
            "people_twice",
            N_("Multiplied engagement by the authentic share"),
            COUNTED_TWICE,
            lambda v: case.micro_cpe(v) / v["authentic"],
        ),
        Misconception(
            "on_views",
            N_("Applied a rate per follower to views"),
            N_("This rate is per follower, not per view: multiply it by the followers."),
            lambda v: case.cost(v) / (case.people_views(v) * v["engaged"]),
        ),
        Misconception(
            "forgot_labour",
            FORGOT_LABOUR,
            N_("You took the price alone. The cost of task 4 has labour, fees and product in it."),
            lambda v: case.micro_cpe(v) * case.price_cny(v) / case.cost(v),
        ),
        Misconception(
            "per_thousand",
            N_("Per thousand instead of per reaction"),
            N_("CPE is the cost of one reaction; only CPM counts in thousands."),
            lambda v: case.micro_cpe(v) * 1000,
        ),
        Misconception(
            "upside_down",
            UPSIDE_DOWN,
            N_("That is reactions for each RMB. CPE asks what one reaction costs."),
            lambda v: 1 / case.micro_cpe(v),
        ),
    ),
    nudge=N_("CPE = cost divided by reactions; reactions = followers × engagement rate."),
    solution=N_(
        "{followers} × {engaged} are {reactions} reactions; {cost} divided by them is {cpe} each."
    ),
)

RANKING = OrderQuestion(
    key="ranking",
    title=N_("Who ranks first?"),
    prompt=N_(
        "Work out true CPM and CPE of all three accounts. Then put them in order by CPE, the "
        "cheapest reaction first."
    ),
    case=True,
    items=(
        ("micro_kol", N_("Micro-KOL")),
        ("kol", N_("KOL")),
        ("celebrity", N_("Celebrity")),
    ),
    truth=lambda v: case.order_by(case.micro_cpe(v), case.kol_cpe(v), case.celebrity_cpe(v)),
    misconceptions=(
        Misconception(
            "by_cpm",
            N_("Ranked by CPM instead of CPE"),
            N_("This is the order by CPM. A view is not a reaction: divide by the reactions."),
            lambda v: case.order_by(case.micro_cpm(v), case.kol_cpm(v), case.celebrity_cpm(v)),
        ),
        Misconception(
            "dearest_first",
            N_("Dearest first"),
            N_("This order starts with the dearest. The cheapest reaction comes first."),
            lambda v: case.order_by(case.micro_cpe(v), case.kol_cpe(v), case.celebrity_cpe(v))[
                ::-1
            ],
        ),
    ),
    nudge=N_("For each account: cost divided by (followers × engagement rate)."),
    solution=N_(
        "CPE: micro-KOL {cpe}, KOL {kol_cpe}, celebrity {star_cpe}. CPM: micro-KOL {true_cpm}, KOL "
        "{kol_cpm}, celebrity {star_cpm}. The two orders differ: the aim decides which one counts."
    ),
)

TIE = NumberQuestion(
    key="tie",
    title=N_("When bots turn the ranking"),
    prompt=N_(
        "Two other offers: if every view were a person, a thousand would cost {tie_star} with a "
        "celebrity and {tie_micro} with micro-KOLs. Now a share of the celebrity’s views are not "
        "people, and half that share of the micro-KOLs’ views. At what share do a thousand views "
        "by people cost the same with both?"
    ),
    unit="share",
    truth=case.tie,
    misconceptions=(
        Misconception(
            "one_side",
            N_("Left out the bots on the micro-KOLs’ side"),
            N_("You left the micro-KOLs’ views whole: half the share is missing there as well."),
            case.one_sided_tie,
        ),
        Misconception(
            "gap",
            N_("Took the gap in CPM for the share of views"),
            N_(
                "That is by how much the one offer is dearer. Views that are not people make the "
                "divisor smaller: set CPM / (1 − share) equal on both sides."
            ),
            case.gap_as_share,
        ),
    ),
    nudge=N_(
        "Per thousand people the celebrity costs {tie_star} / (1 − s), the micro-KOLs {tie_micro} "
        "/ (1 − s / 2). At which s are the two equal?"
    ),
    solution=N_(
        "{tie_star} / (1 − s) = {tie_micro} / (1 − s / 2) gives s = ({tie_micro} − {tie_star}) / "
        "({tie_micro} − {tie_star} / 2) = {tie}. Above it the micro-KOLs rank first by CPM."
    ),
)

EXERCISE = Exercise(
    key="ex01",
    title=N_("Exercise 1: tiers, engagement and what a view costs"),
    intro=N_(
        "Eight tasks that build on each other. The numbers are a made-up case, drawn for you. A "
        "task gives three points at the first try, two at the second, one at the third; then it "
        "is worked out."
    ),
    parameters=case.PARAMETERS,
    quantities=case.QUANTITIES,
    questions=(ENGAGEMENT_RATE, COMPARISON, NAIVE_CPM, TRUE_COST, TRUE_CPM, CPE, RANKING, TIE),
    case_title=N_("The three accounts"),
    case=case.table,
    makes_sense=case.makes_sense,
)

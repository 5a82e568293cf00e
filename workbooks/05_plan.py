# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: tags
#     formats: ipynb,py:percent
#     notebook_metadata_filter: kernelspec,voila,jupytext,-jupytext.text_representation.jupytext_version
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   voila:
#     template: kolkit
# ---

# %% [markdown]
# # One plan: one budget over posts, pool and livestream
# # 一份方案：一笔预算，分给达人、私域与直播

# %% [markdown]
# ## Inputs · 输入

# %% tags=["parameters"]
client: str = ''
scenario: str = 'Base case'
language: str = 'en'
currency: str = 'CNY'
set_by_client: list = []
scenarios: list = []
category: str = 'beauty'  # Product category
base_return_rate: float = None  # Base return rate, share 0-1, 0 to 0.95
average_order_value_cny: float = 300.0  # Average order, RMB, 1 to 100,000
gross_margin: float = 0.55  # Gross margin, share 0-1, 0 to 1
platform_fee_rate: float = 0.035  # Platform fee, share 0-1, 0 to 0.5
return_cost_per_order_cny: float = 12.0  # Cost of one return, RMB, 0 to 1,000
wage_cny_per_hour: float = 58.0  # Wage per hour, RMB, 1 to 5,000
cny_per_usd: float = 6.8974  # RMB per US dollar, 1 to 20
budget_cny: float = 2000000.0  # Budget, RMB, 0 to 10,000,000,000
horizon_months: int = 12  # Horizon, months, 1 to 60
loss_tolerance: float = 0.2  # Accepted chance of a loss, share 0-1, 0.01 to 0.5
seed: int = 20261122  # Seed of the draws, 0 to 4,294,967,295
objective: str = 'reach'  # Most of, reach or engagements
target_reach_people: int = None  # Target: people reached, number, 1 to 1,400,000,000
fake_view_share: float = 0.33  # Views that are not people, share 0-1, 0 to 0.95
view_rate: float = 0.3  # Followers who see a post, share 0-1, 0.001 to 1
universe_people: int = 20000000  # People in the target group, number, 10,000 to 1,400,000,000
order_rate_per_reached: float = 0.006  # Orders per person reached, share 0-1, 0 to 0.5
count_labour: bool = True  # Count labour and outreach
posts_per_account: int = 1  # Posts per account, number, 1 to 52
lock_celebrity: int = None  # Celebrities, exactly, number, 0 to 1,000,000
lock_kol: int = None  # KOLs, exactly, number, 0 to 1,000,000
lock_micro_kol: int = None  # Micro-KOLs, exactly, number, 0 to 1,000,000
lock_koc: int = None  # KOCs, exactly, number, 0 to 1,000,000
hours_cap: float = None  # Working hours at most, hours, 0 to 10,000,000
audience_concentration: float = 0.6  # Part of the target group that can be reached, share 0-1, 0.01 to 1
on_target_factor: float = 1.0  # On-target share against the table, ratio, 0.05 to 3
price_factor: float = 1.0  # Prices against the table, ratio, 0.05 to 20
engagement_factor: float = 1.0  # Engagement against the table, ratio, 0.05 to 10
hours_factor: float = 1.0  # Working hours against the table, ratio, 0 to 10
automation_share: float = 0.0  # Outreach done by tools, share 0-1, 0 to 1
collaboration_rate: float = 0.1  # Small accounts that agree, share 0-1, 0.005 to 1
cost_per_contact_cny: float = 2.0  # Cost of one contact besides labour, RMB, 0 to 10,000
senders: int = 2  # People who send messages, number, 1 to 10,000
contacts_per_sender_day: int = 30  # Messages per sender and day, number, 1 to 10,000
pool_join_rate_per_reached: float = 0.0005  # Pool joins per person reached, share 0-1, 0 to 0.5
crisis_correlation: float = 0.2  # Correlation of crises, share 0-1, 0 to 0.95
cells: dict = []  # Changes to single tiers and platforms
goal: str = 'none'  # Plan the pool for, none or profit or revenue
goal_cny: float = 100000.0  # Goal of the pool, RMB, 0 to 10,000,000,000
goal_month: int = 12  # Goal reached by month, months, 1 to 60
orders_per_month: int = 40000  # Shop orders per month, number, 0 to 100,000,000
card_scan_rate: float = 0.08  # Parcel cards scanned, share 0-1, 0 to 1
paid_cac_cny: float = 250.0  # Price of a bought join, RMB, 0 to 10,000
retained_after_1_month: float = 0.8  # Still there after 1 month, share 0-1, 0.05 to 0.99
retained_after_12_months: float = 0.4  # Still there after 12 months, share 0-1, 0.001 to 0.98
purchases_per_member_month: float = 0.15  # Orders per member and month, 0 to 30
incremental_share: float = 0.5  # Orders that would not have come anyway, share 0-1, 0 to 1
survival_table: str = ''  # Survival table
pool_discount: float = 0.05  # Discount of members, share 0-1, 0 to 0.9
card_add_rate: float = 0.5  # Scans that become members, share 0-1, 0 to 1
card_cost_cny: float = 0.3  # Cost of a parcel card, RMB, 0 to 100
store_visitors_per_month: int = 0  # Store visitors per month, number, 0 to 100,000,000
store_join_rate: float = 0.03  # Visitors who join, share 0-1, 0 to 1
employees: int = 0  # Employees who invite, number, 0 to 1,000,000
joins_per_employee_month: float = 20.0  # Joins per employee and month, number, 0 to 10,000
employee_hours_per_month: float = 10.9  # Hours per inviting employee and month, hours, 0 to 300
social_joins_per_month: int = 0  # Joins per month from posts and livestreams, number, 0 to 10,000,000
paid_joins_cap_per_month: int = 5000  # Most joins that can be bought in a month, number, 0 to 10,000,000
referral_rate_per_month: float = 0.02  # Joins caused per member and month, share 0-1, 0 to 1
pool_potential_people: int = 500000  # People who could ever join, number, 1 to 1,400,000,000
incentive_per_join_cny: float = 5.0  # Gift for joining, RMB, 0 to 10,000
members_at_start: int = 0  # Members already there, number, 0 to 100,000,000
account_kind: str = 'wecom'  # Members are contacts of, wecom or personal
accounts_at_most: int = None  # Accounts at hand, number, 0 to 100,000
staff_at_most: int = None  # People at hand, number, 0 to 100,000
members_per_staff: int = 10000  # Members per person on duty, number, 1 to 1,000,000
groups_per_staff: int = 50  # Groups per person on duty, number, 1 to 10,000
shift_factor: float = 1.5  # People employed per person on duty, ratio, 1 to 5
group_fill: float = 0.52  # Seats taken in a group, share 0-1, 0.05 to 1
group_half_life_months: float = 8.3  # Half-life of a group, months, 0.5 to 120
group_renewal_hours: float = 3.0  # Hours to set up a group again, hours, 0 to 200
account_cost_cny_per_month: float = 60.0  # Cost of an account per month, RMB, 0 to 10,000
pool_tools_cny_per_month: float = 3000.0  # Tools per month, RMB, 0 to 10,000,000
pool_setup_cost_cny: float = 60000.0  # Cost of setting up, RMB, 0 to 100,000,000
discount_rate_annual: float = 0.08  # Discount rate per year, share 0-1, 0.001 to 1
gmv_reported_cny: float = 5000000.0  # Reported sales, RMB, 1,000 to 10,000,000,000
return_rate_observed: float = 0.5  # Total return rate, share 0-1, 0 to 1
orders_file: str = ''  # Order file
orders_scope: str = 'session'  # The order file is, session or sample
orders_counted: dict = {}  # Counted in the order file
next_session_factor: float = 1.0  # Size of the next session, ratio, 0.05 to 10
session_age_days: int = 30  # Days since the session, days, 0 to 3,650
streamer: str = ''  # Streamer
slot_fee_cny: float = 450000.0  # Slot fee, RMB, 0 to 1,000,000,000
guarantee_cny: float = None  # Guaranteed sales, RMB, 0 to 10,000,000,000
commission_rate: float = 0.2  # Commission, share 0-1, 0 to 1
commission_base: str = 'gross'  # Commission on, gross or net
guarantee_base: str = 'gross'  # Guarantee on, gross or net
shortfall: str = 'pro_rata'  # Below the guarantee, pro_rata or cliff or none
fee_is_advance: bool = False  # Fee set off against commission
return_window_days: int = 15  # Return window, days, 0 to 365
self_return_rate: float = 0.95  # Return rate of self-purchases, share 0-1, 0.05 to 1
dump_recovery_rate: float = 0.3  # Resale value of kept self-purchases, share 0-1, 0 to 1
brushing_cost_rate: float = 0.02  # Cost of placing own orders, share 0-1, 0 to 1
displaced_share: float = 0.5  # Sales displaced by dumped goods, share 0-1, 0 to 1
new_customer_share: float = 0.6  # New customers among buyers, share 0-1, 0 to 1
include_tier_mix: bool = True  # With the tier mix
include_private_pool: bool = True  # With the private pool
include_livestream: bool = True  # With the livestream
share_tier_mix: float = None  # Tier mix, share of budget, share 0-1, 0 to 1
share_private_pool: float = None  # Private pool, share of budget, share 0-1, 0 to 1
share_livestream: float = None  # Livestream, share of budget, share 0-1, 0 to 1
sessions_cap: int = 1  # Livestream sessions, at most, number, 0 to 50
buyer_join_rate: float = 0.15  # Livestream buyers who join the pool, share 0-1, 0 to 1

# %% [markdown]
# **To change the model.** Run → Run All Cells shows the workbook as it is. Other inputs: edit the cell
# above, or move a knob. Other mathematics: `kolkit/journeys/plan.py` puts the inputs through
# `kolkit/models/` (split, sensitivity, uncertainty); edit, restart the kernel, run all. Numbers and their sources are rows of
# `data/assumptions.csv`. `make test` says what the change moved; CONTRIBUTING.md has the rules.
#
# **要修改模型：**改参数就编辑上面的单元格；改算法见 `kolkit/journeys/plan.py` 和 `kolkit/models/`，改完重启内核并全部运行。

# %% tags=["inputs"]
from kolkit.workbook import start

book = start(globals(), journey="plan")

# %% tags=["head"]
book.head()

# %% [markdown]
# ## Answer · 结论

# %% tags=["answer"]
book.answer()

# %% tags=["compared"]
book.comparison()

# %% [markdown]
# ## Knobs · 参数

# %% tags=["knobs"]
book.knobs()

# %% [markdown]
# ## From customers to profit · 从顾客到利润

# %% tags=["chart-wide"]
book.chart("flow")

# %% [markdown]
# ## The split · 预算分配

# %% tags=["chart"]
book.chart("split")

# %% [markdown]
# ## What moves the result · 哪些因素影响结果

# %% tags=["chart"]
book.chart("drivers")

# %% [markdown]
# ## What it risks · 风险

# %% tags=["chart-wide"]
book.chart("risk")

# %% [markdown]
# ## Assumptions · 假设

# %% tags=["ledger"]
book.assumptions()

# %% [markdown]
# ## Method and limits · 方法与局限

# %% tags=["notes"]
book.method()

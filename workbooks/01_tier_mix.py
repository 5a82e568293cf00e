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
# # Tier mix: whom to book, and whether it pays
# # 达人组合：预算怎么花，值不值得投

# %% [markdown]
# ## Inputs · 输入

# %% tags=["parameters"]
client: str = ''
scenario: str = 'Base case'
language: str = 'en'
currency: str = 'CNY'
set_by_client: list = []
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

# %% [markdown]
# **To change the model.** Run → Run All Cells shows the workbook as it is. Other inputs: edit the cell
# above, or move a knob. Other mathematics: `kolkit/journeys/tier_mix.py` puts the inputs through
# `kolkit/models/` (tiers, reach, allocation); edit, restart the kernel, run all. Numbers and their sources are rows of
# `data/assumptions.csv`. `make test` says what the change moved; CONTRIBUTING.md has the rules.
#
# **要修改模型：**改参数就编辑上面的单元格；改算法见 `kolkit/journeys/tier_mix.py` 和 `kolkit/models/`，改完重启内核并全部运行。

# %% tags=["inputs"]
from kolkit.workbook import start

book = start(globals(), journey="tier_mix")

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
# ## Who is cheapest, by CPM and by CPE · 谁更便宜：看CPM还是看CPE

# %% tags=["chart-wide"]
book.chart("ranking")

# %% [markdown]
# ## What a quoted price leaves out · 报价里没有算的

# %% tags=["chart"]
book.chart("bridge")

# %% [markdown]
# ## The plan · 投放方案

# %% tags=["chart"]
book.chart("plan")

# %% [markdown]
# ## More or less budget · 预算多一点或少一点

# %% tags=["chart-wide"]
book.chart("budget")

# %% [markdown]
# ## Assumptions · 假设

# %% tags=["ledger"]
book.assumptions()

# %% [markdown]
# ## Method and limits · 方法与局限

# %% tags=["notes"]
book.method()

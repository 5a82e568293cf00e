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
# # Private pool: how large, with whom, and when it pays
# # 私域：建多大、由谁来运营、何时回本

# %% [markdown]
# ## Inputs · 输入

# %% tags=["parameters"]
client: str = ''
scenario: str = 'Base case'
language: str = 'en'
currency: str = 'CNY'
cny_per_usd: float = 6.8974
set_by_client: list = []
category: str = 'beauty'  # Product category
base_return_rate: float = None  # Base return rate, share 0-1, 0 to 0.95
average_order_value_cny: float = 300.0  # Average order, RMB, 1 to 100,000
gross_margin: float = 0.55  # Gross margin, share 0-1, 0 to 1
platform_fee_rate: float = 0.035  # Platform fee, share 0-1, 0 to 0.5
return_cost_per_order_cny: float = 12.0  # Cost of one return, RMB, 0 to 1,000
wage_cny_per_hour: float = 58.0  # Wage per hour, RMB, 1 to 5,000
budget_cny: float = 2000000.0  # Budget, RMB, 0 to 10,000,000,000
horizon_months: int = 12  # Horizon, months, 1 to 60
loss_tolerance: float = 0.2  # Accepted chance of a loss, share 0-1, 0.01 to 0.5
seed: int = 20261122  # Seed of the draws, 0 to 4,294,967,295
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

# %% [markdown]
# **To change the model.** Run → Run All Cells shows the workbook as it is. Other inputs: edit the cell
# above, or move a knob. Other mathematics: `kolkit/journeys/private_pool.py` puts the inputs through
# `kolkit/models/` (retention, adoption, capacity, pool); edit, restart the kernel, run all. Numbers and their sources are rows of
# `data/assumptions.csv`. `make test` says what the change moved; CONTRIBUTING.md has the rules.
#
# **要修改模型：**改参数就编辑上面的单元格；改算法见 `kolkit/journeys/private_pool.py` 和 `kolkit/models/`，改完重启内核并全部运行。

# %% tags=["inputs"]
from kolkit.workbook import start

book = start(globals(), journey="private_pool")

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
# ## Cash by month · 逐月现金

# %% tags=["chart-wide"]
book.chart("cash")

# %% [markdown]
# ## Who stays · 谁会留下

# %% tags=["chart"]
book.chart("retention")

# %% [markdown]
# ## What limits the pool · 瓶颈在哪里

# %% tags=["chart"]
book.chart("capacity")

# %% [markdown]
# ## Where members come from · 成员从哪里来

# %% tags=["chart-wide"]
book.chart("acquisition")

# %% [markdown]
# ## Assumptions · 假设

# %% tags=["ledger"]
book.assumptions()

# %% [markdown]
# ## Method and limits · 方法与局限

# %% tags=["notes"]
book.method()

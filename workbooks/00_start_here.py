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
# # Start here: the brand, its readiness, and where each question is answered
# # 从这里开始：品牌、准备程度，以及每个问题在哪里回答

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
accounts_open: int = 0  # 1 Accounts open, of 7, number, 0 to 7
acquisition_model: str = 'none'  # 2 Ways into the pool, none or begun or done
pool_campaigns: str = 'none'  # 3 Campaigns of its own, none or begun or done
maintenance: str = 'none'  # 4 People who look after it, none or begun or done
sales_channel: str = 'none'  # 5 A sales channel of its own, none or begun or done

# %% [markdown]
# **To change the model.** Run → Run All Cells shows the workbook as it is. Other inputs: edit the cell
# above, or move a knob. Other mathematics: `kolkit/journeys/start.py` puts the inputs through
# `kolkit/models/` (unit_economics); edit, restart the kernel, run all. Numbers and their sources are rows of
# `data/assumptions.csv`. `make test` says what the change moved; CONTRIBUTING.md has the rules.
#
# **要修改模型：**改参数就编辑上面的单元格；改算法见 `kolkit/journeys/start.py` 和 `kolkit/models/`，改完重启内核并全部运行。

# %% tags=["inputs"]
from kolkit.workbook import start

book = start(globals(), journey="start")

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
# ## Where each question is answered · 每个问题在哪里回答

# %% tags=["guide"]
book.guide()

# %% [markdown]
# ## One order · 一笔订单

# %% tags=["chart"]
book.chart("order")

# %% [markdown]
# ## Five steps to a private pool · 私域五步

# %% tags=["chart"]
book.chart("readiness")

# %% [markdown]
# ## Assumptions · 假设

# %% tags=["ledger"]
book.assumptions()

# %% [markdown]
# ## Method and limits · 方法与局限

# %% tags=["notes"]
book.method()

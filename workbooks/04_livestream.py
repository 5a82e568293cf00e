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
# # Livestream: how much of it is real, and which contract to sign
# # 直播：多少是真实的，该签哪份合同

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
budget_cny: float = 2000000.0  # Budget, RMB, 0 to 10,000,000,000
horizon_months: int = 12  # Horizon, months, 1 to 60
loss_tolerance: float = 0.2  # Accepted chance of a loss, share 0-1, 0.01 to 0.5
seed: int = 20261122  # Seed of the draws, 0 to 4,294,967,295
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

# %% [markdown]
# **To change the model.** Run → Run All Cells shows the workbook as it is. Other inputs: edit the cell
# above, or move a knob. Other mathematics: `kolkit/journeys/livestream.py` puts the inputs through
# `kolkit/models/` (livestream, contracts); edit, restart the kernel, run all. Numbers and their sources are rows of
# `data/assumptions.csv`. `make test` says what the change moved; CONTRIBUTING.md has the rules.
#
# **要修改模型：**改参数就编辑上面的单元格；改算法见 `kolkit/journeys/livestream.py` 和 `kolkit/models/`，改完重启内核并全部运行。

# %% tags=["inputs"]
from kolkit.workbook import start

book = start(globals(), journey="livestream")

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
# ## Where each yuan ended · 每一元的去向

# %% tags=["chart-wide"]
book.chart("decomposition")

# %% [markdown]
# ## What the category explains · 品类能解释多少

# %% tags=["chart"]
book.chart("base_rate")

# %% [markdown]
# ## Contracts side by side · 合同对比

# %% tags=["chart"]
book.chart("contracts")

# %% [markdown]
# ## What the offer earns · 按报价的盈亏

# %% tags=["chart-wide"]
book.chart("waterfall")

# %% [markdown]
# ## Assumptions · 假设

# %% tags=["ledger"]
book.assumptions()

# %% [markdown]
# ## Method and limits · 方法与局限

# %% tags=["notes"]
book.method()

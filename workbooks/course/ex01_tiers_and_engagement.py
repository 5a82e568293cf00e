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
# # Exercise 1: tiers, engagement and what a view costs
# # 练习一：红人层级、互动率与一次浏览的成本

# %% tags=["parameters"]
trainee: str = ''
class_key: str = ''
language: str = 'en'

# %% tags=["inputs"]
from kolkit.course import exercise

sheet = exercise(globals(), "ex01")

# %% tags=["head"]
sheet.head()

# %% [markdown]
# ## Tasks · 题目

# %% tags=["answer"]
sheet.tasks()

# %% [markdown]
# ## Hand in · 提交

# %% tags=["knobs"]
sheet.hand_in()

"""kolkit"""

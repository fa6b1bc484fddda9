import sys
sys.path.pop(0)
import regex
print(regex.findall(r"(?P<x>\w+)\s(?:b+)", "aa bb cc b"), regex.sub(r"\p{L}+", "x", "d\u00e9j\u00e0 vu"))

import sys
sys.path.pop(0)
import jq
print(jq.compile(".a | map(. + 1) | @csv").input({"a": [1, 2]}).all(), jq.compile("test(\"a.c\")").input("abc").first())

import sys
sys.path.pop(0)
from rpds import HashTrieMap
print(sorted(HashTrieMap({"a": 1}).insert("b", 2).items()))

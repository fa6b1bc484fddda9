import sys
sys.path.pop(0)
import orjson
print(orjson.loads(orjson.dumps({"a": [1, 2.5, None, "\u00e9"]})), orjson.dumps({"k": 1e300}))

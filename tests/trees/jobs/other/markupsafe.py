import sys
sys.path.pop(0)
import markupsafe
import markupsafe._speedups
print(markupsafe.escape("<a&b>"))

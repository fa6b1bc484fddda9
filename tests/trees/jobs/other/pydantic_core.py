import sys
sys.path.pop(0)
import pydantic_core
print(pydantic_core.SchemaValidator(pydantic_core.core_schema.int_schema()).validate_python("12"))
try:
    pydantic_core.SchemaValidator(pydantic_core.core_schema.int_schema()).validate_python("x")
except pydantic_core.ValidationError as error:
    print(error.error_count())

# Runs inside gdb, which reads every DWARF version, compression and dwz. Prints as JSON, for each type
# in $types: for a structure its size and the bit position, byte size and bit width of each member,
# for an enumeration its values. A member is addressed by dotted path, an array's by those of its
# first element; an enumeration without name is asked for by one of its values.
import json
import os

import gdb


def members(kind, start, prefix, out):
    kind = kind.strip_typedefs()
    if kind.code == gdb.TYPE_CODE_ARRAY:
        element = kind.target()
        if element.sizeof:
            out[prefix + "#stride"] = element.sizeof
            out[prefix + "#count"] = kind.sizeof // element.sizeof
        members(element, start, prefix, out)
    elif kind.code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
        for field in kind.fields():
            path = ".".join(filter(None, (prefix, field.name)))
            if field.name:
                out[path] = [start + field.bitpos, field.type.sizeof, field.bitsize]
            members(field.type, start + field.bitpos, path, out)


def lookup(name):
    for find in (gdb.lookup_type, lambda value: gdb.parse_and_eval(value).type):
        try:
            return find(name).strip_typedefs()
        except gdb.error:
            pass
    return None


def describe(name):
    kind = lookup(name)
    if kind is None:
        return None
    if kind.code == gdb.TYPE_CODE_ENUM:
        return {field.name: field.enumval for field in kind.fields()}
    out = {"#size": kind.sizeof}
    members(kind, 0, "", out)
    return out


def address(name):
    try:
        return int(gdb.parse_and_eval("(unsigned long)&" + name))
    except gdb.error:
        return None


print(json.dumps({
    "types": {name: describe(name) for name in os.environ["types"].split(",")},
    "tunable_list": address("tunable_list"),
}))

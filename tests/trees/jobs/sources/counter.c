/* A module for lua: thread-local data, and a function that calls back. */
#include <lauxlib.h>
#include <lua.h>

static _Thread_local int calls;

static int count(lua_State *state)
{
    lua_pushvalue(state, 1);
    lua_pushinteger(state, ++calls);
    lua_call(state, 1, 1);
    return 1;
}

int luaopen_counter(lua_State *state)
{
    lua_pushcfunction(state, count);
    return 1;
}

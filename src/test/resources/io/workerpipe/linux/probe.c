/*
 * What this machine's C compiler makes of everything that is bound. BindingsTest writes names.inc from the include list
 * and from the bindings' struct members, one macro a line, compiles this, and compares what it prints.
 */
#include "workerpipe.h"
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* A pointer among the constants prints as a number, too. */
#define CONSTANT(name) printf("constant %s %lld\n", #name, (long long) (name));
#define ERROR(name) printf("text %s %s\n", #name, strerror(name));
#define LAYOUT(kind, name) printf("sizeof %s %zu\n", #name, sizeof(kind name));
#define MEMBER(kind, name, member) \
    printf("member %s.%s %zu %zu\n", #name, #member, offsetof(kind name, member), sizeof(((kind name *) 0)->member));
/* Does not compile with another number of arguments: 0 is good for a number and for a pointer. */
#define FUNCTION(name, ...) printf("returns %s %zu\n", #name, sizeof(name(__VA_ARGS__)));

int main(void) {
#include "names.inc"
    return 0;
}

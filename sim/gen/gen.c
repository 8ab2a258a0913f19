/* SPDX-License-Identifier: Apache-2.0
 *
 * gen: the one generator. It is compiled with the three lists of model/ inside it and prints, by
 * name, one of the files that are made from them:
 *
 *   gen enums.h | config.h | ports.h | mmu_pkg.sv | mmu_pins.sv | configuration.md | ports.md
 *   gen words ENUM
 *
 * Nothing else may restate a knob, an enum value or a pin.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum dir { IN, OUT };

struct entry {
    const char *group, *name;
    int value;
    const char *word, *doc;
};
struct group {
    const char *name;
    int bits, rtl;
    const char *doc;
};
struct knob {
    const char *class, *field, *key, *pick, *pick_default;
    long long def, min, max;
    int pow2;
    const char *unit, *doc;
};
struct port {
    enum dir dir;
    const char *name;
    int bits;
    const char *group, *doc;
};

static const struct group groups[] = {
#define ENUM(g, b, r, d) {#g, b, r, d},
#define ENTRY(g, n, v, w, d)
#include "enums.def"
#undef ENUM
#undef ENTRY
};
static const struct entry entries[] = {
#define ENUM(g, b, r, d)
#define ENTRY(g, n, v, w, d) {#g, #n, v, w, d},
#include "enums.def"
#undef ENUM
#undef ENTRY
};
static const struct knob knobs[] = {
#define KNOB(c, f, k, df, lo, hi, u, d) {#c, #f, k, NULL, NULL, df, lo, hi, 0, u, d},
#define POW2(c, f, k, df, lo, hi, u, d) {#c, #f, k, NULL, NULL, df, lo, hi, 1, u, d},
#define PICK(c, f, k, g, df, d)         {#c, #f, k, #g, #df, 0, 0, 0, 0, "", d},
#include "params.def"
#undef KNOB
#undef POW2
#undef PICK
};
static const struct port ports[] = {
#define PORT(d, n, b, g, s) {d, #n, b, #g, s},
#include "ports.def"
#undef PORT
};

#define COUNT(a)   (sizeof(a) / sizeof((a)[0]))
#define EACH(i, a) for (size_t i = 0; i < COUNT(a); i++)

static const char *upper(const char *s) {
    static char ring[4][128];
    static int at;
    char *out = ring[at++ & 3];
    size_t i = 0;
    for (; s[i] && i < sizeof ring[0] - 1; i++) out[i] = (char)toupper((unsigned char)s[i]);
    out[i] = 0;
    return out;
}

static int entry_value(const char *group, const char *name) {
    EACH(i, entries) if (!strcmp(entries[i].group, group) && !strcmp(entries[i].name, name)) {
        return entries[i].value;
    }
    fprintf(stderr, "gen: params.def names %s_%s, which enums.def does not have\n", upper(group),
            name);
    exit(1);
}

static long long knob_default(const struct knob *k) {
    return k->pick ? entry_value(k->pick, k->pick_default) : k->def;
}

/* ---- C: enums ----------------------------------------------------------------------------------
 */

static void emit_enums(void) {
    puts("/* made by sim/gen from model/enums.def; do not edit */\n#ifndef PW_ENUMS_H\n#define "
         "PW_ENUMS_H");
    EACH(g, groups) {
        int count = 0;
        printf("\n/* %s */\nenum %s {\n", groups[g].doc, groups[g].name);
        EACH(i, entries) if (!strcmp(entries[i].group, groups[g].name)) {
            printf("    %s_%s = %d, /* %s */\n", upper(groups[g].name), entries[i].name,
                   entries[i].value, entries[i].doc);
            if (entries[i].value >= count) count = entries[i].value + 1;
        }
        printf("};\n#define %s_COUNT %d\n", upper(groups[g].name), count);
        printf("static inline const char *%s_word(unsigned v) {\n    switch (v) {\n",
               groups[g].name);
        EACH(i, entries) if (!strcmp(entries[i].group, groups[g].name)) {
            printf("    case %d: return \"%s\";\n", entries[i].value, entries[i].word);
        }
        puts("    default: return \"?\";\n    }\n}");
        printf(
            "static inline const char *%s_doc(unsigned v) { /* the sentence */\n    switch (v) {\n",
            groups[g].name);
        EACH(i, entries) if (!strcmp(entries[i].group, groups[g].name)) {
            printf("    case %d: return \"%s\";\n", entries[i].value, entries[i].doc);
        }
        puts("    default: return \"?\";\n    }\n}");
    }
    puts("\n#endif");
}

/* ---- C: configuration --------------------------------------------------------------------------
 */

static void emit_config(void) {
    puts("/* made by sim/gen from model/params.def; do not edit */\n#ifndef PW_CONFIG_H\n#define "
         "PW_CONFIG_H");
    puts("#include <stddef.h>\n#include <stdint.h>\n#include \"enums.h\"\n");
    puts("/* Every knob's value. uint32_t throughout, so a table of offsets reaches each. "
         "*/\nstruct config {");
    EACH(i, knobs)
    printf("    uint32_t %s; /* %s: %s */\n", knobs[i].field, knobs[i].key, knobs[i].doc);
    puts("};\n");
    puts("struct config_word { const char *word; uint32_t value; };\n");
    puts("/* One row a knob, in the order of params.def. words is NULL for a number. */");
    puts("struct config_knob {\n    const char *class, *key, *field, *unit, *doc;\n    size_t "
         "offset;");
    puts("    uint32_t def, min, max;\n    int pow2;\n    const struct config_word *words;\n};");
    EACH(g, groups) {
        int used = 0;
        EACH(i, knobs) used |= knobs[i].pick && !strcmp(knobs[i].pick, groups[g].name);
        if (!used) continue;
        printf("static const struct config_word config_words_%s[] = {", groups[g].name);
        EACH(i, entries) if (!strcmp(entries[i].group, groups[g].name)) {
            printf("{\"%s\", %d}, ", entries[i].word, entries[i].value);
        }
        puts("{NULL, 0}};");
    }
    printf("#define CONFIG_KNOBS %zu\n", COUNT(knobs));
    puts("static const struct config_knob config_knobs[CONFIG_KNOBS] = {");
    EACH(i, knobs) {
        const struct knob *k = &knobs[i];
        printf("    {\"%s\", \"%s\", \"%s\", \"%s\", \"%s\", offsetof(struct config, %s), %lluu, "
               "%lluu, %lluu, %d, ",
               k->class, k->key, k->field, k->unit, k->doc, k->field,
               (unsigned long long)knob_default(k), (unsigned long long)k->min,
               (unsigned long long)k->max, k->pow2);
        if (k->pick) {
            printf("config_words_%s},\n", k->pick);
        } else {
            puts("NULL},");
        }
    }
    puts("};\n");
    puts("static inline uint32_t *config_field(struct config *c, const struct config_knob *k) {");
    puts("    return (uint32_t *)(void *)((char *)c + k->offset);\n}");
    puts("static inline void config_defaults(struct config *c) {");
    EACH(i, knobs)
    printf("    c->%s = %lluu;\n", knobs[i].field, (unsigned long long)knob_default(&knobs[i]));
    puts("}\n#endif");
}

/* ---- C: pins -----------------------------------------------------------------------------------
 */

static const char *port_type(const struct port *p) {
    return p->bits > 32   ? "uint64_t"
           : p->bits > 16 ? "uint32_t"
           : p->bits > 8  ? "uint16_t"
                          : "uint8_t";
}

static void emit_port_struct(enum dir dir, const char *name, const char *doc) {
    printf("\n/* %s */\nstruct %s {\n", doc, name);
    EACH(i, ports) if (ports[i].dir == dir) {
        if (ports[i].bits > 64) {
            printf("    uint64_t %s[%d]; /* %s */\n", ports[i].name, ports[i].bits / 64,
                   ports[i].doc);
        } else {
            printf("    %s %s; /* %s */\n", port_type(&ports[i]), ports[i].name, ports[i].doc);
        }
    }
    puts("};");
}

static void emit_ports(void) {
    puts("/* made by sim/gen from model/ports.def; do not edit */\n#ifndef PW_PORTS_H\n#define "
         "PW_PORTS_H");
    puts("#include <stdint.h>");
    emit_port_struct(IN, "mmu_in", "every input pin, for one clock edge");
    emit_port_struct(OUT, "mmu_out", "every output pin, for one clock edge");
    puts("\n/* X(name, bits) for each output, each input of at most 64 bits */\n#define "
         "MMU_OUT_PINS(X) \\");
    EACH(i, ports)
    if (ports[i].dir == OUT) printf("    X(%s, %d) \\\n", ports[i].name, ports[i].bits);
    puts("\n#define MMU_IN_PINS(X) \\");
    EACH(i, ports) if (ports[i].dir == IN && ports[i].bits <= 64) {
        printf("    X(%s, %d) \\\n", ports[i].name, ports[i].bits);
    }
    puts("\n#define MMU_IN_WIDE_PINS(X) \\");
    EACH(i, ports) if (ports[i].dir == IN && ports[i].bits > 64) {
        printf("    X(%s, %d) \\\n", ports[i].name, ports[i].bits);
    }
    puts("\n/* X(\"name\", \"group\", is_output, bits) for every pin */\n#define MMU_ALL_PINS(X) "
         "\\");
    EACH(i, ports) {
        printf("    X(\"%s\", \"%s\", %d, %d) \\\n", ports[i].name, ports[i].group,
               ports[i].dir == OUT, ports[i].bits);
    }
    puts("\n#endif");
}

/* ---- SystemVerilog --------------------------------------------------------------------------- */

static void emit_package(void) {
    puts("// made by sim/gen from model/enums.def and model/params.def; do not edit\npackage "
         "mmu_pkg;");
    EACH(g, groups) if (groups[g].rtl) {
        int first = 1;
        printf("\n  // %s\n  typedef enum logic [%d:0] {", groups[g].doc, groups[g].bits - 1);
        EACH(i, entries) if (!strcmp(entries[i].group, groups[g].name)) {
            printf("%s\n    %s_%s = %d'd%d", first ? "" : ",", upper(groups[g].name),
                   entries[i].name, groups[g].bits, entries[i].value);
            first = 0;
        }
        printf("\n  } %s_e;\n", groups[g].name);
    }
    puts("\n  // defaults of the parameters");
    EACH(i, knobs) if (!strcmp(knobs[i].class, "RTL")) {
        printf("  localparam int unsigned %s = %lld;  // %s\n", upper(knobs[i].field),
               knob_default(&knobs[i]), knobs[i].doc);
    }
    int parameters = 0;
    EACH(i, knobs) parameters += !strcmp(knobs[i].class, "RTL");
    printf("  localparam int unsigned PARAMETERS = %d;\n", parameters);
    puts("endpackage");
}

static const char *range(const struct port *p) {
    static char text[16];
    text[0] = 0;
    if (p->bits > 1) snprintf(text, sizeof text, "[%d:0] ", p->bits - 1);
    return text;
}

/* The MMU behind a register for each input pin, as Verilator gets it: all logic then hangs on the
 * one clock edge and is evaluated once a cycle. Behind the edge that ends a cycle stand the inputs
 * of the next, and the outputs that follow from both. Names that begin with an underscore are in no
 * waveform. Reset is on from the first edge, or assertions would see the random registers. */
static void emit_pins(void) {
    puts("// made by sim/gen from model/ports.def and model/params.def; do not edit");
    const char *before = "module mmu_pins #(";
    EACH(i, knobs) if (!strcmp(knobs[i].class, "RTL")) {
        const char *name = upper(knobs[i].field);
        printf("%s\n  parameter int unsigned %s = mmu_pkg::%s", before, name, name);
        before = ",";
    }
    printf("\n) (\n  input wire _clk_i");
    EACH(i, ports)
    printf(",\n  %s %s_%s", ports[i].dir == IN ? "input wire" : "output wire", range(&ports[i]),
           ports[i].name);
    puts("\n);\n  wire clk_i;\n  assign clk_i = _clk_i;");
    EACH(i, ports) {
        const char *name = ports[i].name;
        printf("  logic %s%s;\n", range(&ports[i]), name);
        if (ports[i].dir == IN) {
            printf("  always_ff @(posedge clk_i) %s <= _%s;\n", name, name);
        } else {
            printf("  assign _%s = %s;\n", name, name);
        }
    }
    before = "  mmu #(";
    EACH(i, knobs) if (!strcmp(knobs[i].class, "RTL")) {
        const char *name = upper(knobs[i].field);
        printf("%s.%s(%s)", before, name, name);
        before = ", ";
    }
    puts(", .EV_STATE(1)) mmu (.*);\n  initial rst_i = 1'b1;\nendmodule");
}

/* ---- documents ---------------------------------------------------------------------------------
 */

static void emit_configuration(void) {
    puts("| key | default | range | unit | built into RTL | what it sets "
         "|\n|---|---|---|---|---|---|");
    EACH(i, knobs) {
        const struct knob *k = &knobs[i];
        const char *rtl = !strcmp(k->class, "RTL") ? "yes" : "no";
        if (!k->pick) {
            printf("| `%s` | %lld | %lld to %lld%s | %s | %s | %s |\n", k->key, k->def, k->min,
                   k->max, k->pow2 ? ", a power of two" : "", k->unit, rtl, k->doc);
            continue;
        }
        const char *word = "";
        EACH(j, entries)
        if (!strcmp(entries[j].group, k->pick) && !strcmp(entries[j].name, k->pick_default)) {
            word = entries[j].word;
        }
        printf("| `%s` | %s |", k->key, word);
        EACH(j, entries) if (!strcmp(entries[j].group, k->pick)) printf(" %s", entries[j].word);
        printf(" | | %s | %s |\n", rtl, k->doc);
    }
}

static void emit_port_table(void) {
    const char *group = "";
    EACH(i, ports) {
        if (strcmp(group, ports[i].group)) {
            group = ports[i].group;
            printf("\n### %s\n\n| pin | direction | bits | meaning |\n|---|---|---|---|\n", group);
        }
        printf("| `%s` | %s | %d | %s |\n", ports[i].name, ports[i].dir == IN ? "in" : "out",
               ports[i].bits, ports[i].doc);
    }
}

/* ---- Waveforms: the words of an enumeration, as GTKWave's filter files have them, by hex value */

static int emit_words(const char *group) {
    int found = 0;
    EACH(i, entries) if (!strcmp(entries[i].group, group)) {
        printf("%x %s\n", (unsigned)entries[i].value, entries[i].word);
        found = 1;
    }
    return !found || fflush(stdout) || ferror(stdout);
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*emit)(void);
    } files[] = {{"enums.h", emit_enums},      {"config.h", emit_config},
                 {"ports.h", emit_ports},      {"mmu_pkg.sv", emit_package},
                 {"mmu_pins.sv", emit_pins},   {"configuration.md", emit_configuration},
                 {"ports.md", emit_port_table}};
    if (argc == 3 && !strcmp(argv[1], "words")) return emit_words(argv[2]);
    EACH(i, files) if (argc == 2 && !strcmp(argv[1], files[i].name)) {
        files[i].emit();
        return fflush(stdout) || ferror(stdout);
    }
    fputs("usage: gen FILE    where FILE is one of", stderr);
    EACH(i, files) fprintf(stderr, " %s", files[i].name);
    fputs("\n", stderr);
    return 2;
}

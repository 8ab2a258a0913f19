/* SPDX-License-Identifier: Apache-2.0
 *
 * The verbs of the program. A verb NAME is one file, sim/verb_NAME.c, with one function verb_NAME;
 * main.c lists them. argv[0] is "pagewalk NAME", so argp prints the right usage line. The value
 * returned is the exit code.
 */
#ifndef PW_VERB_H
#define PW_VERB_H

/* VERB(name, "sentence"), in the order of --help */
#define VERBS(VERB)                                                                                \
    VERB(run, "replay traces: kernel half, core driver and an engine, compared and counted")       \
    VERB(faults, "one line a page fault: where, what for, what the kernel half did")               \
    VERB(explain, "one access step by step: mapping, TLBs, walk, fault, kernel half, retry")       \
    VERB(info, "say what a trace holds")                                                           \
    VERB(dump, "print a trace in its text form")                                                   \
    VERB(regress, "replay traces under configurations and seeds, with one verdict")                \
    VERB(reduce, "make a failing trace small, with the same failure")                              \
    VERB(wave, "open the wave viewer on a run, with a view of what happened")                      \
    VERB(record, "record a program into a trace")                                                  \
    VERB(import, "turn another format into a trace")                                               \
    VERB(translate, "answer translation cases, one a line, by the specification")                  \
    VERB(study, "run a design study: many configurations on many traces, into one database")       \
    VERB(report, "make a page, or figures, of a study's database")                                 \
    VERB(config, "print the effective configuration")

#define VERB(name, sentence) int verb_##name(int argc, char **argv);
VERBS(VERB)
#undef VERB

#endif

// SPDX-License-Identifier: Apache-2.0
//
// SystemC has one simulation a process, and no module may be made once it runs. A program that
// opens an engine a trace needs more, so each instance has a kernel of its own (sc_simcontext),
// which is put in place before anything of it is touched.
#ifndef PW_SYSTEMC_CONTEXT_H
#define PW_SYSTEMC_CONTEXT_H
#include <cstdlib>
#include <systemc>

struct simulation {
    sc_core::sc_simcontext *kernel;

    simulation() {
        setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1); /* stdout belongs to results */
        kernel = new sc_core::sc_simcontext;
        enter();
    }
    void enter() const {
        sc_core::sc_curr_simcontext = sc_core::sc_default_global_context = kernel;
    }
    ~simulation() {
        delete kernel;
        sc_core::sc_curr_simcontext = sc_core::sc_default_global_context = nullptr;
    }
    simulation(const simulation &) = delete;
    simulation &operator=(const simulation &) = delete;
};

// libsystemc has a main() and asks for this one. Nobody calls either.
extern "C" __attribute__((visibility("default"), used)) inline int sc_main(int, char **) {
    return 0;
}

#endif

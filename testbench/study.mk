# SPDX-License-Identifier: Apache-2.0
#
# What the acceptance of studies asks beyond `make test`, which has a slice of each.
.PHONY: campaign-study-kill campaign-study-lockstep
campaign-study-kill: build | install-test ## a study killed KILLS times at random ends as one that was not, row for row
	$(Q)testbench/study.sh kill build/campaign-study-kill $(or $(KILLS),50) $(or $(SEED),1)

campaign-study-lockstep: build | install-test ## ROWS rows of docs/studies/l2.db.gz, drawn by SEED, again in lock-step
	$(Q)gunzip -c docs/studies/l2.db.gz >build/l2.shipped.db
	$(Q)testbench/study.sh lockstep build/l2.shipped.db build/campaign-study-lockstep $(or $(ROWS),20) $(or $(SEED),1)

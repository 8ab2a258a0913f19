#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The text traces that no kernel is asked about, by what stands in them: it is the whole machine's (README.md). Sourced.
NOT_PROBED='^(reclaim |khugepaged|migrate |oom_score_adj |set os\.(frames|overcommit|kswapd|flusher|kcompactd) '
NOT_PROBED="$NOT_PROBED|file .* (device|vdso|vvar)(-|$)"
NOT_PROBED="$NOT_PROBED|ioerror [0-9]+ (write|none|read$)"
NOT_PROBED="$NOT_PROBED|set os\.(fragmentation|khugepaged) |set os\.thp (always|never)|set os\.thp64 always)"

/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables of a study's database; docs/studies.md explains each. Counted columns come from
 * study_count.def.
 */
#ifndef PW_STUDY_SCHEMA_H
#define PW_STUDY_SCHEMA_H

#define STUDY_APPLICATION 0x50575301 /* "PWS", version 1 of these tables */

extern const char study_schema[], study_insert_result[], study_insert_interval[];

#endif

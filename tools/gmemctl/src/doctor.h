/* SPDX-License-Identifier: GPL-2.0 */
/* Findings of "gmemctl doctor".  Each check is about one thing of the host. */
#ifndef DOCTOR_H
#define DOCTOR_H

struct app;
struct config;

enum status {
	STATUS_OK,
	STATUS_NOTE,		/* good to know */
	STATUS_WARN,		/* pools work, but not as well as they could */
	STATUS_BAD,		/* pools, or guests on them, do not work */
};

struct doctor {
	const struct app *app;
	const char *check;	/* the name of the check that runs */
	void (*report)(struct doctor *doctor, enum status status,
		       const char *found, const char *mend);
	enum status worst;
	const struct config *config;	/* NULL: it cannot be read */
};

/* mend is NULL, or what to do about it; found is printed as by printf. */
void finding(struct doctor *doctor, enum status status, const char *mend,
	     const char *found, ...) __attribute__((format(printf, 4, 5)));

/* doctor-kernel.c */
void check_kernel(struct doctor *doctor);
void check_kvm(struct doctor *doctor);
void check_default_pool(struct doctor *doctor);
void check_parameters(struct doctor *doctor);

/* doctor-cpu.c */
void check_user_mappings(struct doctor *doctor);
void check_guest_mappings(struct doctor *doctor);
void check_iommu(struct doctor *doctor);

/* doctor-memory.c */
void check_block_size(struct doctor *doctor);
void check_movable(struct doctor *doctor);
void check_hugetlb(struct doctor *doctor);
void check_online_policy(struct doctor *doctor);

/* doctor-pools.c */
void check_poison(struct doctor *doctor);
void check_fragmentation(struct doctor *doctor);
void check_configuration(struct doctor *doctor);
void check_service(struct doctor *doctor);

#endif /* DOCTOR_H */

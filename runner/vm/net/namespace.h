// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_NET_NAMESPACE_H
#define RUNNER_VM_NET_NAMESPACE_H

#include <glib.h>
#include <stdbool.h>

/* A network namespace beside the caller's, with its loopback up. It is gone with its descriptor and the processes in it. */
typedef struct Namespace Namespace;

Namespace *namespace_new(GError **error);
void namespace_free(Namespace *namespace);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Namespace, namespace_free)

/* For setns() and for moving links into it. Owned by the namespace. */
int namespace_fd(const Namespace *namespace);

/* Call `function` in it, in a thread of its own, and wait. Programs that it runs are in it too. */
typedef bool (*NamespaceFunction)(void *data, GError **error);
bool namespace_run(Namespace *namespace, NamespaceFunction function, void *data, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/libvirt-load.h"

#include <dlfcn.h>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "runner/base/error.h"

/* It needs libvirt.so.0: what is looked up in it is looked up in both. */
#define LIBRARY "libvirt-qemu.so.0"

/* X(type of the result, name, parameters, arguments) */
#define FUNCTIONS(X)                                                                                                                                    \
    X(int, virConnectClose, (virConnectPtr connection), (connection))                                                                                   \
    X(char *, virConnectGetCapabilities, (virConnectPtr connection), (connection))                                                                      \
    X(char *, virConnectGetDomainCapabilities,                                                                                                          \
      (virConnectPtr connection, const char *emulator, const char *arch, const char *machine, const char *type, unsigned flags),                        \
      (connection, emulator, arch, machine, type, flags))                                                                                               \
    X(int, virConnectGetLibVersion, (virConnectPtr connection, unsigned long *version), (connection, version))                                          \
    X(int, virConnectGetVersion, (virConnectPtr connection, unsigned long *version), (connection, version))                                             \
    X(int, virConnectListAllDomains, (virConnectPtr connection, virDomainPtr **domains, unsigned flags), (connection, domains, flags))                  \
    X(virConnectPtr, virConnectOpen, (const char *uri), (uri))                                                                                          \
    X(virDomainPtr, virDomainCreateXML, (virConnectPtr connection, const char *xml, unsigned flags), (connection, xml, flags))                          \
    X(int, virDomainDestroy, (virDomainPtr domain), (domain))                                                                                           \
    X(int, virDomainFree, (virDomainPtr domain), (domain))                                                                                              \
    X(int, virDomainGetInfo, (virDomainPtr domain, virDomainInfoPtr info), (domain, info))                                                              \
    X(char *, virDomainGetMetadata, (virDomainPtr domain, int type, const char *uri, unsigned flags), (domain, type, uri, flags))                       \
    X(const char *, virDomainGetName, (virDomainPtr domain), (domain))                                                                                  \
    X(char *, virDomainGetXMLDesc, (virDomainPtr domain, unsigned flags), (domain, flags))                                                              \
    X(int, virDomainIsActive, (virDomainPtr domain), (domain))                                                                                          \
    X(virDomainPtr, virDomainLookupByName, (virConnectPtr connection, const char *name), (connection, name))                                            \
    X(int, virDomainMemoryStats, (virDomainPtr domain, virDomainMemoryStatPtr stats, unsigned count, unsigned flags), (domain, stats, count, flags))    \
    X(char *, virDomainQemuAgentCommand, (virDomainPtr domain, const char *command, int timeout_s, unsigned flags), (domain, command, timeout_s, flags)) \
    X(int, virDomainRestoreFlags, (virConnectPtr connection, const char *path, const char *xml, unsigned flags), (connection, path, xml, flags))        \
    X(int, virDomainResume, (virDomainPtr domain), (domain))                                                                                            \
    X(int, virDomainSaveFlags, (virDomainPtr domain, const char *path, const char *xml, unsigned flags), (domain, path, xml, flags))                    \
    X(int, virEventRegisterDefaultImpl, (void), ())                                                                                                     \
    X(int, virEventRunDefaultImpl, (void), ())                                                                                                          \
    X(int, virGetLastErrorCode, (void), ())                                                                                                             \
    X(const char *, virGetLastErrorMessage, (void), ())                                                                                                 \
    X(int, virGetVersion, (unsigned long *library, const char *type, unsigned long *driver), (library, type, driver))                                   \
    X(int, virInitialize, (void), ())                                                                                                                   \
    X(void, virSetErrorFunc, (void *data, virErrorFunc handler), (data, handler))

static struct {
#define MEMBER(type, name, parameters, arguments) typeof(name) *name;
    FUNCTIONS(MEMBER)
} loaded;

static const struct {
    const char *name;
    void **place;
} places[] = {
#define PLACE(type, name, parameters, arguments) { #name, (void **) &loaded.name },
    FUNCTIONS(PLACE)
};

/* libvirt's headers are the prototypes: the compiler compares them with the table. */
#define FUNCTION(type, name, parameters, arguments)                                                                                                     \
    type name parameters                                                                                                                                \
    {                                                                                                                                                   \
        return loaded.name arguments;                                                                                                                   \
    }
FUNCTIONS(FUNCTION)

/* NULL, or why not. */
static gpointer load(gpointer data)
{
    void *library = dlopen(LIBRARY, RTLD_NOW); /* everything bound: workers that are copies of the loader need not bind it again */

    (void) data;
    for (size_t i = 0; library != NULL && i < G_N_ELEMENTS(places); i++)
        if ((*places[i].place = dlsym(library, places[i].name)) == NULL)
            library = NULL;
    return library != NULL ? NULL : g_strdup(dlerror());
}

bool libvirt_load(GError **error)
{
    static GOnce once = G_ONCE_INIT;
    const char *problem = g_once(&once, load, NULL);

    if (problem == NULL)
        return true;
    error_set(error, ERROR_HOST, "libvirt: cannot be loaded: %s", problem);
    error_hint(error, "'sudo apt-get install -y libvirt0' installs it.");
    return false;
}

using Postern.Hosting;

namespace Postern.Gateway;

/// <summary>Every diagnostic of the gateway; docs/diagnostics.md is generated from it.</summary>
public static class GatewayDiagnostics
{
    public static IReadOnlyList<DiagnosticEntry> All { get; } =
    [
        new("G201", "A setting's value is not accepted", "The value given for the named setting is not of the form that the setting takes.", "Give one of the values that the message lists."),
        new("G202", "A setting is missing", "A setting that is required, alone or because of another setting, is absent or empty.", "Add it to the environment, ConfigMap or settings file."),
        new("G203", "A setting has no effect", "A name in the product's namespaces is not a setting of the gateway.", "Check the spelling: names are case-sensitive and use dots."),
        new("G204", "The settings file cannot be read", "A line is not of the form NAME=value.", "Write one NAME=value a line; comments begin with #."),
        new("G205", "A file that a setting names is absent", "Neither a file nor a folder is at the path.", "Mount the file, or correct the path."),
        new("G210", "A configuration was not applied", "A revision arrived that is damaged, of another format, or could not be compiled. The running configuration is untouched.", "Read the reason; the control plane shows it with the gateway's instance. A damaged revision is fetched again by itself."),
        new("G211", "An API is not served", "A template, address or other part of the API cannot be understood.", "Correct the API in the control plane; all other APIs are served."),
        new("G212", "A subscription grants nothing", "The subscription's scope cannot be understood.", "Correct the subscription's scope in the control plane."),
        new("G213", "A backend cannot be called", "The backend's address or that of its proxy is malformed, or none of the client certificates that it names is here with its key.", "Correct the backend entity, or upload its certificate with the private key."),
        new("G214", "A policy document does not run", "The document holds something that this gateway cannot run. Requests that it applies to are answered with 500.", "Read the places in the message and correct the document."),
        new("G215", "A pool does without a member", "A member of a backend pool is not there, cannot be called, or is a pool itself.", "Correct the pool's services, or the backend that is named."),
        new("G219", "A logger gets no events", "The logger's credentials are neither a connection string nor an address of an event hub.", "Correct the logger's credentials in the control plane; a named value that they refer to may be gone."),
        new("G220", "The configuration endpoint cannot be reached", "No connection, or it broke off.", "Check config.service.endpoint, name resolution, firewalls and whether the control plane runs."),
        new("G221", "The configuration endpoint does not answer in time", "No answer came within config.service.integration.timeout.", "Check the network's and the control plane's health; raise the timeout for very large configurations."),
        new("G222", "The configuration endpoint's answer is not understood", "What answered is not a configuration endpoint of this protocol version, or its answer was cut.", "Check that config.service.endpoint names the configuration endpoint and no proxy answers in its place."),
        new("G223", "No token was issued", "The authority refused the gateway's credentials or could not be reached.", "Check config.service.auth.azureAd.*, the application's secret or certificate, its expiry, and the authority's address."),
        new("G224", "The configuration endpoint's certificate is not trusted", "Its TLS certificate is not issued by a trusted authority or is for another name.", "Trust the authority with certificates.local.ca.enabled, or correct the endpoint's name."),
        new("G225", "The configuration endpoint refused", "It answered with an error that carries no diagnostic of its own.", "Read the status and message; see the control plane's log."),
        new("G226", "The gateway's credential cannot be read", "A file that holds the gateway token, client secret, certificate or projected service account token is absent, unreadable or of another form.", "Mount the file readable for the gateway's user; it is read again by itself."),
        new("G227", "The gateway's token does not fit", "It is expired, or for another gateway than the settings name.", "Generate a new token for this gateway (at most 30 days ahead); check gateway.name and the machine's clock."),
        new("G230", "The configuration backup was not saved", "The folder cannot be written.", "Mount /apim/config writable for the gateway's user."),
        new("G231", "The configuration backup cannot be used", "It is damaged, or was made with another credential or for another gateway.", "Let the gateway reach the control plane once; it then saves a new one."),
        new("G232", "Quota counters were not saved", "The folder of the configuration backup cannot be written. A restart would begin quotas anew.", "Mount /apim/config writable for the gateway's user."),
        new("G233", "Quota counters cannot be read", "Their file is damaged, or was made with another credential or for another gateway. Quotas begin anew.", "Nothing is to be done: the file is replaced by itself."),
        new("G240", "Telemetry was refused", "The control plane answered that metrics, events or traces are malformed or too big. They are dropped and counted.", "Use a gateway and a control plane of the same version; report the message."),
        new("G250", "The external cache cannot be reached", "No connection to the Redis of the caches resource, or it broke off. Look-ups are misses meanwhile, nothing is kept.", "Check the connection string's endpoints, ssl and password, and that the gateway's network reaches them. It is tried again by itself."),
        new("G251", "The external cache refused a command", "The Redis answered with an error: out of memory, a read-only replica, a missing permission, or a cluster that has lost the member with the key.", "Read the server's words. Give the primary's address, or those of a cluster's members."),
        new("G252", "The external cache is slow", "It did not answer within cache.external.timeout; the look-up counted as a miss.", "Use a Redis nearer to the gateway, or raise cache.external.timeout."),
        new("G253", "The external cache is not used", "The connection string of the caches resource is not of StackExchange.Redis' form, or asks for what is not supported.", "Correct it: host:port,password=…,ssl=True,abortConnect=False."),
        new("G260", "A certificate cannot be used", "The uploaded certificate cannot be opened, or is a key vault's that was not reached. What needs it fails.", "Upload the PKCS #12 file with its password again."),
        new("G261", "A host name has no certificate", "The certificate of a host name configuration is not there, cannot be opened or has no private key. Callers get the gateway's default certificate, and are not asked for theirs.", "Give the host name configuration a certificate with its private key."),
        new("G262", "A certificate authority is not trusted", "Its certificate is not there or cannot be opened. Certificates that it issued are refused.", "Upload the authority's certificate again."),
        new("G263", "A certificate has expired", "It is used, and whoever checks will refuse it.", "Upload its successor under the same id; host names and policies take it at once."),
        new("G264", "A host name does not speak old versions of TLS", "Its configuration allows TLS 1.0 or 1.1, but the gateway's process does not: OpenSSL refuses them unless the gateway lowers its security level at its start.", "Set net.server.tls.old-versions.enabled=true and restart, or disallow the versions for the host name."),
        new("G265", "A local certificate authority cannot be used", "A file of certificates.local.ca.path holds no certificate in PEM form, or cannot be read. It is left out; the other files are used.", "Replace the file by a certificate in PEM form (BEGIN CERTIFICATE), readable for the gateway's user, or remove it."),
        new("G270", "HTTP/3 is not served", "net.server.http3.enabled is true, but the machine has no QUIC. HTTP/1.1 and HTTP/2 are served.", "Install libmsquic (version 2) where the gateway runs, or set net.server.http3.enabled=false."),
    ];
}

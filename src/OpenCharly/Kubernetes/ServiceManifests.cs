using System.Globalization;
using OpenCharly.Model;
using OpenCharly.Yaml;
using static OpenCharly.Yaml.Nodes;

namespace OpenCharly.Kubernetes;

/// <summary>How a deployment is reached, inside the cluster and from outside.</summary>
internal static class ServiceManifests
{
    private const int WebPort = 80;

    /// <summary>The service, or the one without an address that gives the pods of a StatefulSet their names.</summary>
    public static YamlMapping Service(ManifestInput input, bool isHeadless) => Map(
        ("apiVersion", Text("v1")),
        ("kind", Text("Service")),
        ("metadata", Map(("name", Text(isHeadless ? input.Name + "-headless" : input.Name)), ("labels", Map(("app", Text(input.Name)))))),
        ("spec", Map(
            ("type", isHeadless ? null : Text("ClusterIP")),
            ("clusterIP", isHeadless ? Text("None") : null),
            ("selector", Map(("app", Text(input.Name)))),
            ("ports", input.Image.Ports.Count == 0 ? null : List(input.Image.Ports.Select(p => Port(input.Image, p)))))));

    /// <summary>The way in from outside.</summary>
    public static YamlMapping Ingress(ManifestInput input, WorkloadIngress expose)
    {
        var profile = input.Profile;
        var port = expose.Port ?? input.Image.Ports.FirstOrDefault(p => !p.IsUdp)?.Number ?? WebPort;
        var path = Map(
            ("path", Text(expose.Path)),
            ("pathType", Text(profile.PathType)),
            ("backend", Map(("service", Map(("name", Text(input.Name)), ("port", Map(("number", Number(port)))))))));
        return Map(
            ("apiVersion", Text("networking.k8s.io/v1")),
            ("kind", Text("Ingress")),
            ("metadata", Map(
                ("name", Text(input.Name)),
                ("labels", Map(("app", Text(input.Name)))),
                ("annotations", expose.Tls && profile.CertificateIssuer is { } issuer ? Map(("cert-manager.io/cluster-issuer", Text(issuer))) : null))),
            ("spec", Map(
                ("ingressClassName", ManifestRenderer.Optional(profile.IngressClass)),
                ("tls", expose.Tls ? List([Map(("hosts", Texts([expose.Host])), ("secretName", Text(input.Name + "-tls")))]) : null),
                ("rules", List([Map(("host", Text(expose.Host)), ("http", Map(("paths", List([path])))))])))));
    }

    /// <summary>Name of a port; only where there are several must they have names.</summary>
    public static string? NameOf(WorkloadImage image, WorkloadPort port) =>
        image.Ports.Count == 1 ? null : string.Create(CultureInfo.InvariantCulture, $"p{port.Number}{(port.IsUdp ? "-udp" : "")}");

    /// <summary>Protocol of a port.</summary>
    public static string ProtocolOf(WorkloadPort port) => port.IsUdp ? "UDP" : "TCP";

    private static YamlMapping Port(WorkloadImage image, WorkloadPort port) => Map(
        ("name", ManifestRenderer.Optional(NameOf(image, port))),
        ("port", Number(port.Number)),
        ("targetPort", Number(port.Number)),
        ("protocol", Text(ProtocolOf(port))));
}

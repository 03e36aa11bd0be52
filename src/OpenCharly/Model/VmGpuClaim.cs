using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>A display device that a deployment requires of its machine: a token of <c>requires_exclusive</c> whose <c>resource</c> names a vendor (vm.md §2.7).</summary>
/// <param name="Deployment">Key of the deploy entry.</param>
/// <param name="Instance">Instance of the machine that it is for; null for the machine itself.</param>
/// <param name="Token">The token, such as <c>nvidia-gpu</c>.</param>
/// <param name="Vendor">Vendor id: four lower-case hex digits, without <c>0x</c>.</param>
public sealed record VmGpuClaim(string Deployment, string? Instance, string Token, string Vendor)
{
    /// <summary>The claims of a project's deployments on one of its machines, in the order of the files; a token counts once for each instance.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.CfgArbiter"/> for a selector without a vendor.</exception>
    internal static IReadOnlyList<VmGpuClaim> Of(Project project, string machine)
    {
        var claims = new List<VmGpuClaim>();
        foreach (var deployment in project.Deployments.Values.Where(d => d.Target == "vm" && d.Vm == machine))
        {
            foreach (var token in Tokens(deployment.Body?["requires_exclusive"]))
            {
                if (!project.Entities("resource").TryGetValue(token, out var resource) || resource["gpu"] is not { } gpu) continue;
                if (claims.Any(c => c.Token == token && c.Instance == deployment.VmInstance)) continue;
                claims.Add(new VmGpuClaim(deployment.Key, deployment.VmInstance, token, ReadVendor(gpu, token)));
            }
        }

        return claims;
    }

    private static IEnumerable<string> Tokens(YamlNode? node) => node switch
    {
        YamlSequence list => list.Items.OfType<YamlScalar>().Select(s => s.Text),
        YamlScalar { IsNull: false } one => [one.Text],
        _ => [],
    };

    private static string ReadVendor(YamlNode gpu, string token)
    {
        var text = ((gpu as YamlMapping)?["vendor"] as YamlScalar)?.Text ?? "";
        var digits = (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text).ToLowerInvariant();
        if (digits.Length == 4 && digits.All(char.IsAsciiHexDigit)) return digits;
        throw new CharlyException(
            Errors.CfgArbiter, $"resource \"{token}\": \"{text}\" is no vendor of a display device", "Write gpu: {vendor: \"0x10de\"} with the vendor's PCI id of four hex digits.", gpu.Position, token);
    }
}

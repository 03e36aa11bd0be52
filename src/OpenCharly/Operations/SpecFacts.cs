using OpenCharly.Model;
using OpenCharly.Plans;

namespace OpenCharly.Operations;

/// <summary>What a machine's entity lets one expect of it, for plans of machines that are off.</summary>
internal static class SpecFacts
{
    private static readonly Dictionary<string, string> Releases = new(StringComparer.Ordinal)
    {
        ["bookworm"] = "debian:12", ["trixie"] = "debian:13", ["forky"] = "debian:14",
        ["jammy"] = "ubuntu:22.04", ["noble"] = "ubuntu:24.04",
    };

    public static TargetFacts Of(VmSpec spec)
    {
        var chain = TagChain.ForDistro(DistroOf(spec.Source));
        var os = chain.Tags.Count > 0 ? chain.Tags[0].Split(':') : [""];
        var user = spec.Ssh.User ?? (spec.Source as CloudImageSource)?.BaseUser ?? (spec.Source is BootcSource ? "root" : "charly");
        return new TargetFacts
        {
            OsId = os[0],
            OsVersion = os.Length > 1 ? os[1] : "",
            Tags = chain.Tags,
            Format = chain.Format,
            User = user,
            Uid = user == "root" ? 0 : 1000,
            Gid = user == "root" ? 0 : 1000,
            Home = user == "root" ? "/root" : $"/home/{user}",
        };
    }

    private static string DistroOf(VmSource source) => source switch
    {
        BootstrapSource { Suite: { } suite } when Releases.TryGetValue(suite, out var tag) => tag,
        BootstrapSource bootstrap => bootstrap.Distro,
        CloudImageSource { BaseUser: { } user } when TagChain.Distributions.Contains(user) => user,
        _ => "",
    };
}

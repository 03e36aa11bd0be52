using OpenCharly.Model;
using OpenCharly.Plans;

namespace OpenCharly.Tests.Plans;

/// <summary>Compiles plans for tests.</summary>
internal static class Plan
{
    public static readonly PlanGates Open = new(true, true, true);

    public static TargetFacts Facts(string distro, string home = "/home/ada")
    {
        var chain = TagChain.ForDistro(distro);
        return new TargetFacts
        {
            OsId = distro.Split(':')[0], OsVersion = distro.Contains(':') ? distro.Split(':')[1] : "", Tags = chain.Tags, Format = chain.Format,
            User = "ada", Uid = 1000, Gid = 1000, Home = home, Shells = ["bash", "fish", "sh"],
        };
    }

    public static PlanRequest Request(string distro, params IReadOnlyList<Candy> candies) => new()
    {
        Name = "vm:web", Target = "vm:web", Host = "charly-web", TargetKind = "vm", Ref = candies.Count > 0 ? candies[0].Name : "",
        Candies = candies, Gates = Open, Facts = Facts(distro),
    };

    public static InstallPlan Compile(string distro, params IReadOnlyList<Candy> candies) => PlanCompiler.Compile(Request(distro, candies));

    public static PlanRequest Local(PlanRequest request) => request with { Name = "laptop", Target = "host", Host = "local", TargetKind = "local" };

    /// <summary>A plan whose deploy user is whoever runs the tests, at home in a sandbox, so that its user steps can really run.</summary>
    public static PlanRequest InSandbox(BashRun bash, params IReadOnlyList<Candy> candies)
    {
        var request = Request("debian:13", candies);
        return request with { Facts = request.Facts with { User = Environment.UserName, Home = bash["home"] } };
    }
}

using OpenCharly.Model;
using OpenCharly.Plans;

namespace OpenCharly.Tests.Plans;

/// <summary>Nothing that a candy says is lost without a word: it changes the plan, or the plan says that it has no effect here.</summary>
public sealed class EveryFieldTests : IDisposable
{
    // What says who the candy is and where it lies, what decides which candies there are, and what is looked at afterwards.
    private static readonly string[] NotOfThePlan =
    [
        "Name", "Folder", "SourceFolder", "Position", "ProjectFolder", "Repository", "Description", "Status", "Require", "Members", "Checks", "HasOwnContent",
    ];

    private readonly SampleCandies _candies = new();

    public void Dispose() => _candies.Dispose();

    [Fact]
    public void A_plan_shows_every_field_of_a_candy()
    {
        var plain = _candies.New("plain", ("pkg/debian/control", "Source: x\n"), ("package.json", "{}")) with { Tasks = [SampleCandies.Task("cmd", "true")] };
        var without = PlanJson.Write(Plan.Compile("debian:13", plain));
        var changed = Changed(plain);
        Assert.Equal(
            typeof(Candy).GetProperties().Where(p => p.Name != "EqualityContract").Select(p => p.Name).Except(NotOfThePlan).Order(StringComparer.Ordinal),
            changed.Keys.Order(StringComparer.Ordinal));
        foreach (var (field, candy) in changed) Assert.True(without != PlanJson.Write(Plan.Compile("debian:13", candy)), $"{field} shows nowhere");
    }

    [Fact]
    public void A_listener_of_supervisord_has_no_unit()
    {
        var candy = _candies.New("listening") with { Services = [SampleCandies.Service("listener") with { Exec = "/bin/true", Events = "PROCESS_STATE" }] };
        var plan = Plan.Compile("debian:13", candy);
        Assert.Equal(SkipReason.InitSystem, Assert.Single(plan.Steps).Skip);
        Assert.Contains("events of supervisord", Assert.Single(plan.Skips).Hint, StringComparison.Ordinal);
    }

    private Dictionary<string, Candy> Changed(Candy plain)
    {
        var needs = new CandyRequirement("WX", "Weather", null, "rain");
        var appliance = _candies.Appliance();
        return new Dictionary<string, Candy>(StringComparer.Ordinal)
        {
            ["Version"] = plain with { Version = "2026.151.0000" },
            ["Packages"] = plain with { Packages = ["curl"] },
            ["Sections"] = plain with { Sections = [new PackageSection { Tag = "debian", Packages = ["curl"] }] },
            ["Variables"] = plain with { Variables = new Dictionary<string, string> { ["WX"] = "1" } },
            ["Environment"] = plain with { Environment = new Dictionary<string, string> { ["WX"] = "1" } },
            ["PathEntries"] = plain with { PathEntries = ["/opt/wx"] },
            ["Tasks"] = plain with { Tasks = [] },
            ["Services"] = plain with { Services = [SampleCandies.Service("wx") with { Exec = "/bin/true" }] },
            ["Shell"] = plain with { Shell = new ShellBlock(new ShellLines("true", [], null), new Dictionary<string, ShellLines>(), 50) },
            ["Ports"] = plain with { Ports = appliance.Ports },
            ["PortRelays"] = plain with { PortRelays = appliance.PortRelays },
            ["Volumes"] = plain with { Volumes = appliance.Volumes },
            ["Data"] = plain with { Data = appliance.Data },
            ["Aliases"] = plain with { Aliases = appliance.Aliases },
            ["Route"] = plain with { Route = appliance.Route },
            ["Security"] = plain with { Security = appliance.Security },
            ["Secrets"] = plain with { Secrets = appliance.Secrets },
            ["SecretRequire"] = plain with { SecretRequire = [needs] },
            ["SecretAccept"] = plain with { SecretAccept = [needs] },
            ["EnvRequire"] = plain with { EnvRequire = [needs] },
            ["EnvAccept"] = plain with { EnvAccept = [needs] },
            ["EnvProvide"] = plain with { EnvProvide = appliance.EnvProvide },
            ["McpProvide"] = plain with { McpProvide = appliance.McpProvide },
            ["McpRequire"] = plain with { McpRequire = [needs] },
            ["McpAccept"] = plain with { McpAccept = [needs] },
            ["Apks"] = plain with { Apks = appliance.Apks },
            ["LocalPackages"] = plain with { LocalPackages = new Dictionary<string, string> { ["deb"] = "pkg" } },
            ["Reboot"] = plain with { Reboot = true },
            ["LibvirtFragments"] = plain with { LibvirtFragments = appliance.LibvirtFragments },
            ["Hooks"] = plain with { Hooks = appliance.Hooks },
            ["Artifacts"] = plain with { Artifacts = [new CandyArtifact("a", "/etc/a", "/tmp/a", null, 0, [], false)] },
            ["Extracts"] = plain with { Extracts = appliance.Extracts },
            ["Engine"] = plain with { Engine = appliance.Engine },
            ["Capabilities"] = plain with { Capabilities = new CandyCapabilities(true, false, null, false, new Dictionary<string, string>()) },
            ["RequiresCapabilities"] = plain with { RequiresCapabilities = ["gpu"] },
            ["Builders"] = plain with { Builders = ["npm"] },
            ["UnitFiles"] = plain with { UnitFiles = ["wx.service"] },
        };
    }
}

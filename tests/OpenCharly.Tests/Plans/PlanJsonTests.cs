using FsCheck;
using FsCheck.Fluent;
using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Plans;

namespace OpenCharly.Tests.Plans;

public sealed class PlanJsonTests : IDisposable
{
    private readonly SampleCandies _candies = new();

    [Theory]
    [MemberData(nameof(GoldenPlanTests.Chains), MemberType = typeof(GoldenPlanTests))]
    public void A_plan_reads_back_equal(string distro)
    {
        var request = Plan.Request(distro, _candies.All) with { BuilderImage = "b.example.org/x:1", AddCandies = ["shells"], Box = "web" };
        foreach (var gates in new[] { Plan.Open, new PlanGates() }) RoundTrip(PlanCompiler.Compile(request with { Gates = gates }));
    }

    [Fact]
    public void Any_texts_survive()
    {
        var text = Gen.Elements("a", "é", "\"", "\\", "\n", "\t", "<&>'", "𝄞", "\u0001", "{}", "[0].x", " ", "").ArrayOf().Select(string.Concat);
        Prop.ForAll(text.ArrayOf().ToArbitrary(), values => RoundTrip(Generated(values))).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Several_plans_are_one_array()
    {
        InstallPlan[] plans = [Plan.Compile("debian:13", _candies.Files()), Plan.Compile("arch", _candies.Shells())];
        Assert.Equivalent(plans, PlanJson.Read(PlanJson.Write(plans)), strict: true);
        Assert.Empty(PlanJson.Read("[]"));
    }

    [Fact]
    public void Text_that_is_no_json_is_refused_with_its_place()
    {
        var error = Assert.Throws<CharlyException>(() => PlanJson.Read("[\n  {,", "p.json"));
        Assert.Equal(Errors.PlanSchema, error.Code);
        Assert.Equal("p.json:2:4", error.Position!.ToString());
    }

    [Fact]
    public void An_unknown_schema_is_refused_with_its_place() =>
        Refused("opencharly.plan/1", "opencharly.plan/9", "reads opencharly.plan/1", 3);

    [Theory]
    [InlineData("\"value\": \"/etc/motd2\"", "\"value\": \"/etc/passwd\"", "digest")]
    [InlineData("\"resolved_user\": \"ada\"", "\"resolved_user\": \"root\"", "digest")]
    [InlineData("\"candy\": \"one\",", "\"candy\": \"two\",", "digest")]
    [InlineData("\"gate\": \"allow-root-tasks\",", "", "gate")]
    [InlineData("\"enabled\": false", "\"enabled\": true", "enabled")]
    [InlineData("\"skip_reason\": \"gate-closed\",", "", "enabled")]
    [InlineData("\"scope\": \"system\"", "\"scope\": \"user\"", "scope")]
    [InlineData("\"scope\": \"system\"", "\"scope\": \"sys\"", "none of system")]
    [InlineData("\"index\": 1", "\"index\": 7", "index")]
    [InlineData("\"kind\": \"Op\"", "\"kind\": \"Nop\"", "kind")]
    [InlineData("\"warnings\": []", "\"warnings\": {}", "must be a list")]
    [InlineData("\"home\": \"/home/ada\",", "", "is missing")]
    public void A_plan_that_was_edited_is_refused(string find, string replace, string says) => Refused(find, replace, says, null);

    [Fact]
    public void A_step_says_where_it_was_edited()
    {
        var error = Refused("\"value\": \"/etc/motd2\"", "\"value\": \"/etc/passwd\"", "changed after the plan was compiled", null);
        var line = PlanJson.Write(Sample()).Split('\n')[error.Position!.Line - 1];
        Assert.Contains("\"digest\"", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Commands_are_for_readers_and_secrets_are_names_only()
    {
        var json = PlanJson.Write(Plan.Compile("debian:13", _candies.Scripts()));
        Assert.Contains("WX_TOKEN", json, StringComparison.Ordinal);
        var plan = PlanJson.Read(json.Replace("\"eval '", "\"evil '", StringComparison.Ordinal)).Single();
        Assert.DoesNotContain("evil", PlanJson.Write(plan), StringComparison.Ordinal);
    }

    public void Dispose() => _candies.Dispose();

    private static bool RoundTrip(InstallPlan plan)
    {
        var text = PlanJson.Write(plan);
        var read = PlanJson.Read(text).Single();
        Assert.Equivalent(plan, read, strict: true);
        Assert.Equal(text, PlanJson.Write(read));
        return true;
    }

    private InstallPlan Sample() => PlanCompiler.Compile(Plan.Request("debian:13", _candies.New("one") with
    {
        Tasks = [SampleCandies.Task("cmd", "true"), SampleCandies.Task("write", "/etc/motd2", "${USER}") with { Content = "x" }],
    }) with { Gates = new PlanGates() });

    private CharlyException Refused(string find, string replace, string says, int? line)
    {
        var text = PlanJson.Write(Sample());
        var at = text.IndexOf(find, StringComparison.Ordinal);
        Assert.True(at >= 0, $"{find} is not in the plan");
        var error = Assert.Throws<CharlyException>(() => PlanJson.Read(text[..at] + replace + text[(at + find.Length)..], "p.json"));
        Assert.Equal(Errors.PlanSchema, error.Code);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Position);
        if (line is not null) Assert.Equal(line, error.Position.Line);
        return error;
    }

    // A step of each kind whose texts are the given ones.
    private static InstallPlan Generated(string[] values)
    {
        string At(int i) => values.Length == 0 ? "" : values[i % values.Length];
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < values.Length; i++) map[$"V{i}{At(i)}"] = At(i + 1);
        CandyFile[] files = [new CandyFile(At(0), At(1), 5_000_000_000, "0755")];
        var repository = new PackageRepository { Name = At(0), Url = At(1), Key = At(2), SignedBy = At(3), Suite = At(4), Components = At(5), Ppa = At(6), ReleasePackage = At(7), GpgCheck = values.Length % 2 == 0, Server = At(8), SigLevel = At(9) };
        InstallStep[] steps =
        [
            new SystemPackagesStep { Candy = At(0), Scope = StepScope.System, Format = "deb", PackagePhase = StepPhase.Install, Packages = values.Select(v => "p" + v).ToList(), Options = values, Coprs = values, Modules = values, Exclude = values, Keys = values, CacheMounts = values, Repositories = [repository] },
            new BuilderStep { Candy = At(1), Scope = StepScope.User, Venue = StepVenue.ContainerBuilder, Builder = "npm", BuilderImage = At(1), CandyFolder = At(2), Artifacts = values, Packages = values.Select(v => "p" + v).ToList(), Binaries = values, EnvironmentName = At(3), Replaces = values, Files = files },
            new OpStep { Candy = At(2), Scope = StepScope.User, Verb = "write", Value = "/" + At(0), To = At(1), Content = At(2), Mode = "0644", ResolvedUser = "ada", CandyFolder = At(4), Files = files, IsFolder = true, Extract = At(5), StripComponents = values.Length, Include = values, Uninstall = values, Capabilities = At(6), Variables = map, Secrets = values, Cache = values },
            new FileStep { Candy = At(3), Scope = StepScope.User, Source = At(0), Sha256 = At(1), Destination = "/" + At(2), Mode = "0600", Owner = At(3) },
            new ServicePackagedStep { Candy = At(4), Scope = StepScope.User, Gate = StepGate.WithServices, Unit = At(0), Enable = true, OverridesPath = "/" + At(1), OverridesText = At(2) },
            new ServiceCustomStep { Candy = At(5), Scope = StepScope.System, Gate = StepGate.WithServices, Name = At(0), UnitPath = "/" + At(1), UnitText = At(2) },
            new ShellHookStep { Candy = At(6), Scope = StepScope.UserProfile, Variables = map, PathEntries = values, EnvFile = "/" + At(0) },
            new ShellSnippetStep { Candy = At(7), Scope = StepScope.UserProfile, Origin = At(0), Shell = At(1), Snippet = At(2), PathAppend = values, Destination = "/" + At(3), Marker = At(4), UseDropIn = values.Length % 2 == 0, Priority = -3 },
            new RepoChangeStep { Candy = At(8), Scope = StepScope.System, Gate = StepGate.AllowRepoChanges, Format = "deb", Name = At(0), File = "/" + At(1), Content = At(2), Checksum = At(3), Repository = repository },
            new ApkInstallStep { Candy = At(9), Scope = StepScope.User, Venue = StepVenue.Skip, Skip = SkipReason.NotSupportedOnTarget, Packages = [new ApkPackage(At(0), null, At(1), null, At(2))], CandyFolder = At(3) },
            new LocalPkgInstallStep { Candy = At(10), Scope = StepScope.System, Format = "deb", Source = At(0), CandyFolder = At(1), ProjectFolder = At(2) },
            new RebootStep { Candy = At(11), Scope = StepScope.System },
        ];
        var reverse = new ReverseOp { Kind = ReverseKinds.PackageRemove, Format = At(0), Targets = values, Scope = StepScope.UserProfile, Extra = map, UninstallCommand = At(1) };
        return new InstallPlan
        {
            Name = At(0), Target = "host", Host = At(1), Ref = At(2), DeployId = At(3), Box = At(4), Version = At(5), Distro = At(6), Tags = values, Home = "/home/ada",
            User = "ada", LoginShell = At(7), Candies = [new PlannedCandy("c", At(8)), new PlannedCandy("d", "")], AddCandies = values, BuilderImage = At(9), Gates = Plan.Open,
            Steps = [.. steps.Select((s, i) => s with { Index = i, Reverse = i % 2 == 0 ? [reverse] : [], Digest = PlanDigest.Of(s) })],
            Skips = [new PlanSkip(At(0), 9, SkipReason.NotSupportedOnTarget, At(1)), new PlanSkip(At(2), null, SkipReason.Incompatible, At(3))],
            Warnings = values,
        };
    }
}

using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Plans;

/// <summary>Reads one plan from its JSON form.</summary>
internal static class PlanReader
{
    public static InstallPlan Read(JsonCursor json)
    {
        var schema = json.Text("schema");
        if (schema != InstallPlan.SchemaName)
        {
            throw json.Wrong("schema", $"is \"{schema}\", but this version reads {InstallPlan.SchemaName}");
        }

        var versions = json.OptionalMap("candy_versions");
        var gates = json.Object("gates");
        var plan = new InstallPlan
        {
            Name = json.Text("name"),
            Target = json.Text("target"),
            Host = json.Text("host"),
            Ref = json.Text("ref"),
            DeployId = json.Text("deploy_id"),
            Box = json.Text("image"),
            Version = json.Text("version"),
            Distro = json.Text("distro"),
            Tags = json.List("tags"),
            Home = json.Text("home"),
            User = json.Text("user"),
            LoginShell = json.Text("login_shell"),
            Candies = [.. json.List("candy").Select(c => new PlannedCandy(c, versions.GetValueOrDefault(c, "")))],
            AddCandies = json.List("add_candy"),
            BuilderImage = json.OptionalText("builder_image"),
            Gates = new PlanGates(gates.Flag("with_services"), gates.Flag("allow_repo_changes"), gates.Flag("allow_root_tasks")),
            Skips = [.. json.Objects("skips").Select(s => new PlanSkip(s.Text("candy"), s.OptionalNumber("step"), s.Word<SkipReason>("reason", StepNames.Of), s.Text("hint")))],
            Warnings = json.List("warnings"),
            Files = json.OptionalMap("files"),
            Trimmed = [.. json.OptionalObjects("trimmed").Select(t => new TrimmedStep(t.Text("candy"), t.Word<StepKind>("kind", k => k.ToString()), t.Text("summary"), t.Text("digest")))],
            Basis = json.OptionalObject("basis") is { } basis
                ? new PlanBasis { Facts = basis.Map("facts"), Deploys = basis.Text("deploys"), Candies = basis.Map("candies"), Done = basis.List("done") }
                : null,
            Secrets = NeedsJson.ReadSecrets(json),
            Artifacts = NeedsJson.ReadArtifacts(json),
        };
        var steps = new List<InstallStep>();
        foreach (var step in json.Objects("steps")) steps.Add(Step(step, steps.Count, plan.Gates));
        return plan with { Steps = steps };
    }

    private static InstallStep Step(JsonCursor json, int index, PlanGates gates)
    {
        var kind = json.Word<StepKind>("kind", k => k.ToString());
        var step = Fields(kind, json.Text("candy"), json.Word<StepScope>("scope", StepNames.Of), json.Object("fields")) with
        {
            Index = json.Number("index"),
            Venue = json.Word<StepVenue>("venue", StepNames.Of),
            Gate = json.OptionalWord<StepGate>("gate", StepNames.Of) ?? StepGate.None,
            Skip = json.OptionalWord<SkipReason>("skip_reason", StepNames.Of),
            Digest = json.Text("digest"),
            Reverse = [.. json.Objects("reverse").Select(ReverseJson.Read)],
        };

        // What a step shows is what it does: a plan in which the two differ is refused as a whole.
        if (step.Index != index) throw json.Wrong("index", $"is {step.Index}, but the step is number {index}");
        if (PlanDigest.Of(step) != step.Digest) throw json.Wrong("digest", "does not fit the step's fields: the step was changed after the plan was compiled");
        if (json.Flag("enabled") != step.Enabled) throw json.Wrong("enabled", "contradicts skip_reason");
        if (!PlanGuards.ScopeFits(step)) throw json.Wrong("scope", "does not fit a step of this kind");
        if (step.Gate != PlanGuards.GateOf(step)) throw json.Wrong("gate", $"must be {(PlanGuards.GateOf(step) is StepGate.None ? "absent" : StepNames.Of(PlanGuards.GateOf(step)))}");
        if (step.Enabled && !gates.Allows(step.Gate)) throw json.Wrong("enabled", $"is true behind the closed gate {StepNames.Of(step.Gate)}");
        return step;
    }

    private static InstallStep Fields(StepKind kind, string candy, StepScope scope, JsonCursor f) => kind switch
    {
        StepKind.SystemPackages => new SystemPackagesStep
        {
            Candy = candy, Scope = scope, Format = f.Text("format"), PackagePhase = f.Word<StepPhase>("phase", StepNames.Of),
            Packages = f.List("packages"), Repositories = [.. f.Objects("repos").Select(Repository)], Options = f.List("options"),
            Coprs = f.List("copr"), Modules = f.List("modules"), Exclude = f.List("exclude"), Keys = f.List("keys"),
            CacheMounts = f.List("cache_mounts"),
        },
        StepKind.Builder => new BuilderStep
        {
            Candy = candy, Scope = scope, Builder = f.Text("builder"), BuilderImage = f.OptionalText("builder_image"),
            CandyFolder = f.Text("candy_folder"), Artifacts = f.List("artifacts"), Packages = f.List("packages"),
            Binaries = f.List("binaries"), EnvironmentName = f.OptionalText("env_name"), Replaces = f.List("replaces"), Files = Files(f),
        },
        StepKind.Op => new OpStep
        {
            Candy = candy, Scope = scope, Verb = f.Text("verb"), Value = f.Text("value"), To = f.OptionalText("to"),
            Content = f.OptionalText("content"), Mode = f.OptionalText("mode") is null ? null : Mode(f), ResolvedUser = f.Text("resolved_user"),
            CandyFolder = f.Text("candy_folder"), Files = Files(f), IsFolder = f.Flag("is_folder"), Extract = f.OptionalText("extract"),
            StripComponents = f.Number("strip_components"), Include = f.List("include"), Uninstall = f.List("uninstall"),
            Capabilities = f.OptionalText("caps"), Variables = f.Map("vars"), Secrets = f.List("secrets"), Cache = f.List("cache"),
        },
        StepKind.File => new FileStep
        {
            Candy = candy, Scope = scope, Source = f.Text("source_path"), Sha256 = f.Text("sha256"), Destination = f.Text("dest"),
            Mode = Mode(f), Owner = f.OptionalText("owner"),
        },
        StepKind.ServicePackaged => new ServicePackagedStep
        {
            Candy = candy, Scope = scope, Unit = f.Text("unit"), Enable = f.Flag("enable"),
            OverridesText = f.OptionalText("overrides_text"), OverridesPath = f.OptionalText("overrides_path"),
        },
        StepKind.ServiceCustom => new ServiceCustomStep
        {
            Candy = candy, Scope = scope, Name = f.Text("name"), UnitPath = f.Text("unit_path"), UnitText = f.Text("unit_text"), Enable = f.Flag("enable"),
        },
        StepKind.ShellHook => new ShellHookStep
        {
            Candy = candy, Scope = scope, Variables = f.Map("env_vars"), PathEntries = f.List("path_add"), EnvFile = f.Text("env_file"),
        },
        StepKind.ShellSnippet => new ShellSnippetStep
        {
            Candy = candy, Scope = scope, Origin = f.Text("origin"), Shell = f.Text("shell"), Snippet = f.Text("snippet"),
            PathAppend = f.List("path_append"), Destination = f.Text("destination"), Marker = f.Text("marker"),
            UseDropIn = f.Flag("use_dropin"), Priority = f.Number("priority"),
        },
        StepKind.RepoChange => new RepoChangeStep
        {
            Candy = candy, Scope = scope, Format = f.Text("format"), Name = f.Text("name"), File = f.Text("file"),
            Content = f.Text("content"), Checksum = f.Text("checksum"), Repository = Repository(f.Object("repo")),
        },
        StepKind.ApkInstall => new ApkInstallStep
        {
            Candy = candy, Scope = scope, CandyFolder = f.Text("candy_folder"),
            Packages =
            [
                .. f.Objects("packages").Select(a => new ApkPackage(
                    a.OptionalText("package"), a.OptionalText("apk"), a.OptionalText("source"), a.OptionalText("arch"), a.OptionalText("version"))),
            ],
        },
        StepKind.LocalPkgInstall => new LocalPkgInstallStep
        {
            Candy = candy, Scope = scope, Format = f.Text("format"), Source = f.Text("source"), SourceFolder = f.Text("source_folder"),
            BuilderImage = f.OptionalText("builder_image"), Files = Files(f),
            CandyFolder = f.Text("candy_folder"), ProjectFolder = f.Text("project_folder"),
        },
        StepKind.Reboot => new RebootStep { Candy = candy, Scope = scope },
        _ => throw f.Wrong("", $"are those of a {kind} step, which this version does not know"),
    };

    private static IReadOnlyList<CandyFile> Files(JsonCursor f) =>
        [.. f.Objects("files").Select(file => new CandyFile(file.Text("path"), file.Text("sha256"), file.LongNumber("size"), Mode(file)))];

    internal static string Mode(JsonCursor f) =>
        f.Text("mode") is { Length: >= 3 and <= 5 } mode && !mode.AsSpan().ContainsAnyExceptInRange('0', '7') ? mode : throw f.Wrong("mode", "must be octal, such as 0644");

    private static PackageRepository Repository(JsonCursor f) => new()
    {
        Name = f.Text("name"),
        Url = f.OptionalText("url"),
        Key = f.OptionalText("key"),
        SignedBy = f.OptionalText("signed_by"),
        Suite = f.OptionalText("suite"),
        Components = f.OptionalText("components"),
        Ppa = f.OptionalText("ppa"),
        ReleasePackage = f.OptionalText("rpm"),
        GpgCheck = f.OptionalFlag("gpgcheck"),
        Server = f.OptionalText("server"),
        SigLevel = f.OptionalText("siglevel"),
    };
}

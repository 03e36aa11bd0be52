using System.Collections;
using System.Globalization;
using System.Reflection;
using OpenCharly.Checks;
using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Model;
using OpenCharly.Operations;
using OpenCharly.Plans;
using OpenCharly.Targets;
using OpenCharly.Vms;
using OpenCharly.Vms.Definitions;
using OpenCharly.Vms.Templates;

namespace OpenCharly.PowerShell.Views;

/// <summary>What the cells of the views show, by the types of the engine; <see cref="Format"/> finds the method for an object.</summary>
internal static class Cells
{
    private const string Green = "\e[32m";
    private const string Red = "\e[31m";
    private const string Yellow = "\e[33m";
    private const string Faint = "\e[2m";
    private const string Reset = "\e[0m";

    public static string Size(long bytes) => bytes <= 0 ? "0 B" : new ByteSize(bytes).ToHuman();

    public static string Memory(int mebibytes) => mebibytes <= 0 ? "" : Size((long)mebibytes << 20);

    public static string HostPorts(DeploymentFacts deployment) => string.Join(',', deployment.Ports.Select(port => port.HostPort).Distinct().Order());

    public static string PublishedPorts(CharlyPod pod) => string.Join(", ", pod.Ports.Select(port => $"{port.HostIp}:{port.HostPort}->{port.ContainerPort}/{port.Protocol}"));

    public static string FileNames(PodConfiguration configuration) => string.Join(", ", configuration.Files.Select(file => file.Name));

    public static string Endpoint(SshEndpoint? ssh) => ssh is null ? "-" : $"{ssh.User}@{ssh.Host}:{ssh.Port}";

    public static string Address(SshEndpoint? ssh) => ssh is null ? "-" : $"{ssh.Host}:{ssh.Port}";

    public static string When(DateTimeOffset? time) =>
        time?.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "";

    public static string Took(TimeSpan time) => time switch
    {
        { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes}m {time.Seconds:00}s"),
        { Ticks: 0 } => "",
        { TotalMilliseconds: >= 100 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0}ms"),
    };

    public static string Disk(int? gigabytes) => gigabytes is { } size ? $"{size} GB" : "";

    public static string Size(long? bytes) => bytes is { } size ? Size(size) : "";

    public static string Builder(VmTemplate template) => template.IsDefined ? template.Builder?.Kind ?? "nix" : "";

    public static string Revisions(VmTemplate template) => Lines(template.Revisions.Select(r => $"{r.Revision}, {When(r.BuiltAt)}"));

    public static string Network(VmHandleNetwork network) => (network.Bridge ?? network.Name) is { } device ? $"{network.Type.ToLowerInvariant()} {device}" : network.Type.ToLowerInvariant();

    public static string Image(VmDefinition machine) => machine.ImageUrl ?? machine.Image ?? "";

    public static string Forwards(IEnumerable<PortForward>? forwards) => Lines(forwards?.Select(f => $"{f.Bind}:{f.HostPort} => {f.GuestPort}/{f.Protocol}"));

    public static string CloudInit(VmDefinitionCloudInit? cloudInit) => cloudInit is null ? "none"
        : cloudInit.UserData is { } data ? $"user-data {data}"
        : $"{(cloudInit.Hostname is { } name ? $"hostname {name}, " : "")}{cloudInit.SshKey ?? "a key of its own"}";

    public static string Provisions(IEnumerable<ProvisionStep>? steps) => Lines(steps?.Select((step, index) => $"{index + 1} {step.Kind}: {step.Summary}"));

    public static string Words(IEnumerable<string>? items) => string.Join(", ", items ?? []);

    public static string Texts(IEnumerable<SourcedText>? items) => Words((items ?? []).Select(item => item.Text));

    public static string Severity(Problem problem) => problem.IsWarning ? Yellow + "warning" + Reset : Red + "error" + Reset;

    public static string Code(Problem problem) => problem.Code.Id;

    public static string Place(Problem problem) => problem.Position?.ToString() ?? "";

    public static string Snapshots(VmDeployState state) => Words(state.Snapshots.Select(snapshot => snapshot.Name));

    public static string Secrets(InstallPlan plan) => Words(plan.Secrets.Select(secret => secret.Name));

    public static string Artifacts(InstallPlan plan) => Words(plan.Artifacts.Select(artifact => artifact.Name));

    public static string Artifacts(DeployResult result) => Words(result.Artifacts.Select(artifact => artifact.Name));

    public static string Lines(IEnumerable<string>? items) => string.Join('\n', items ?? []);

    public static string Map(IReadOnlyDictionary<string, string>? map) =>
        string.Join('\n', (map ?? new Dictionary<string, string>()).Select(pair => $"{pair.Key}={pair.Value}"));

    public static string Status(VmStatus status) => status switch
    {
        VmStatus.Running => Green + status + Reset,
        VmStatus.Failed => Red + status + Reset,
        VmStatus.Suspended or VmStatus.Preparing => Yellow + status + Reset,
        _ => status.ToString(),
    };

    public static string Status(HostItem item) => item.Status switch
    {
        HostItemStatus.Ok => Green + "ok" + Reset,
        HostItemStatus.Missing when item.IsRequired => Red + "missing" + Reset,
        HostItemStatus.Missing => Yellow + "missing" + Reset,
        _ => Yellow + "warning" + Reset,
    };

    public static string Status(StepStatus status) => status switch
    {
        StepStatus.Done => Green + status + Reset,
        StepStatus.Failed => Red + status + Reset,
        StepStatus.Skipped or StepStatus.NotRun => Yellow + status + Reset,
        _ => Faint + status + Reset,
    };

    public static string Status(CheckStatus status) => status switch
    {
        CheckStatus.Pass => Green + status + Reset,
        CheckStatus.Fail => Red + status + Reset,
        CheckStatus.Skip => Yellow + status + Reset,
        _ => Faint + status + Reset,
    };

    /// <summary>What was wrong, why it was skipped, or what it is about.</summary>
    public static string Detail(CheckResult result) => (result switch
    {
        { Status: CheckStatus.Fail, Expected: not null } => $"expected {result.Expected}, found {result.Actual}",
        { Status: CheckStatus.Fail or CheckStatus.Skip } => result.Message ?? "",
        { Status: CheckStatus.Pending } => result.Description,
        _ => result.Subject,
    }).ReplaceLineEndings("⏎");

    public static string Members(DeployResult result) => Words(result.Members.Select(member => $"{member.Name} ({member.Verb}{(member.Failure is null ? "" : ", failed")})"));

    public static string Status(BundleStatus bundle) => bundle.Status switch
    {
        "applied" or "ok" => Green + bundle.Status + Reset,
        "stale config" or "no overrides" or "partial" => Yellow + bundle.Status + Reset,
        "unreachable" => Red + bundle.Status + Reset,
        _ => bundle.Status,
    };

    public static string Kind(DriftKind kind) => (kind is DriftKind.Missing or DriftKind.BlockMissing or DriftKind.PackageRemoved ? Red : Yellow) + kind + Reset;

    /// <summary>A digest is recognised by its first digits.</summary>
    public static string Change(DriftItem item) => $"{Short(item.Before)} => {Short(item.After)}";

    public static string Candies(InstallPlan plan) => Words(plan.Candies.Select(candy => candy.Name));

    public static string StepCount(InstallPlan plan)
    {
        var enabled = plan.Steps.Count(step => step.Enabled);
        var all = plan.Steps.Count + plan.Trimmed.Count;
        return enabled == all ? $"{enabled}" : $"{enabled} of {all}";
    }

    public static string Gates(PlanGates gates)
    {
        var open = new[] { StepGate.WithServices, StepGate.AllowRepoChanges, StepGate.AllowRootTasks }.Where(gates.Allows).Select(PlanGates.FlagOf).ToArray();
        return open.Length switch { 0 => "closed", 3 => "all open", _ => Words(open) };
    }

    public static string Skips(InstallPlan plan) => Lines(plan.Skips.Select(skip => $"{skip.Candy}: {skip.Reason}: {skip.Hint}"));

    public static string Trimmed(InstallPlan plan) => Lines(plan.Trimmed.Select(step => $"{step.Candy}: {step.Kind}: {step.Summary}"));

    public static string Basis(InstallPlan plan) => plan.Basis is { } basis ? $"the target as it was: {basis.Facts.GetValueOrDefault("distribution")}, {basis.Done.Count} steps done" : "";

    public static string Verdict(PlanChange change) => change.Verdict switch
    {
        PlanVerdict.Change => Yellow + change.Verdict + Reset,
        PlanVerdict.Unknown => Red + change.Verdict + Reset,
        _ => Faint + change.Verdict + Reset,
    };

    public static string Runs(InstallStep step) => step.Skip is { } reason ? Yellow + reason + Reset : "yes";

    public static string Gate(InstallStep step) => PlanGates.FlagOf(step.Gate);

    public static string Undo(InstallStep step) => Undo(step.Reverse);

    public static string Undo(CandyRecord record) => Undo(record.ReverseOps);

    /// <summary>The fields that only this kind of step has.</summary>
    public static string Details(InstallStep step) => Lines(
        from property in step.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        where property.Name is not (nameof(InstallStep.Kind) or nameof(InstallStep.Summary) or nameof(InstallStep.Phase) or "EqualityContract")
        let text = Text(property.GetValue(step))
        where text.Length > 0
        select $"{property.Name}: {text}");

    public static string Plan(InstallPlan? plan) => plan is null ? "" : $"{StepCount(plan)} steps for {plan.Name}, {plan.DeployId}";

    public static string State(VmDeployState? state) => state?.Key ?? "";

    public static string Summary(LedgerRecord? ledger) =>
        ledger is null ? "" : $"{ledger.Deploys.Count} deployments, {ledger.Candies.Count} candies, {StepCount(ledger)} steps";

    public static string Outcome(DeployResult result) => result switch
    {
        { Failure: not null } => Red + "failed" + Reset,
        { DryRun: true } => Yellow + "preview" + Reset,
        { Changed: true } => Green + "changed" + Reset,
        _ => Faint + "unchanged" + Reset,
    };

    public static string Counts(DeployResult result)
    {
        var steps = result.Steps.GroupBy(step => step.Status).OrderBy(group => group.Key).Select(group => $"{group.Count()} {group.Key.ToString().ToLowerInvariant()}");
        var undone = result.Undone.GroupBy(undo => undo.Status).Select(group => $"{group.Count()} undo {group.Key}");
        return Words(steps.Concat(undone));
    }

    public static string Counts(IReadOnlyList<CheckResult> checks) =>
        Words(checks.GroupBy(check => check.Status).OrderBy(group => group.Key).Select(group => $"{group.Count()} {group.Key.ToString().ToLowerInvariant()}"));

    public static string Failure(DeployResult result) =>
        result.Failure is { } failure ? $"{failure.Code}: {failure.Message}\n{failure.Help}" : "";

    public static string Detail(StepResult result) =>
        result.Status is StepStatus.Done || string.IsNullOrEmpty(result.Reason) ? result.Step.Summary : $"{result.Step.Summary} ({result.Reason})";

    public static string Deploys(LedgerRecord ledger) => Words(ledger.Deploys.Select(deploy => deploy.Name ?? deploy.DeployId));

    public static string Candies(LedgerRecord ledger) => Words(ledger.Candies.Select(candy => candy.Candy));

    public static int StepCount(LedgerRecord ledger) => ledger.Candies.Sum(candy => candy.Steps.Count);

    public static string Unfinished(LedgerRecord ledger) => Lines(ledger.UnfinishedRuns.Select(run =>
        $"{Yellow}{run.Verb} {run.DeployName} of {When(run.StartedAt)}: {run.FinishedSteps} steps finished{(run.OpenSteps.Count == 0 ? "" : $", open: {Words(run.OpenSteps)}")}{Reset}"));

    public static string Steps(CandyRecord record) => Lines(record.Steps.Select(step => step.Summary ?? step.Kind.ToString()));

    public static string Output(CommandResult result)
    {
        var text = result.Succeeded || string.IsNullOrWhiteSpace(result.StandardError) ? result.StandardOutput : result.StandardError;
        return text.TrimEnd();
    }

    public static string Exit(CommandResult result) =>
        result.Succeeded ? "0" : string.Create(CultureInfo.InvariantCulture, $"{Red}{result.ExitCode}{Reset}");

    private static string Short(string? value) =>
        value is null ? "-" : value.StartsWith("sha256:", StringComparison.Ordinal) ? value[7..Math.Min(15, value.Length)] : value;

    private static string Text(object? value) => value switch
    {
        null or false => "",
        string text => text.TrimEnd(),
        IReadOnlyDictionary<string, string> map => Words(map.Select(pair => $"{pair.Key}={pair.Value}")),
        IEnumerable list => Words(list.Cast<object>().Select(item => item switch
        {
            CandyFile file => file.Path,
            PackageRepository repository => repository.Name,
            _ => item.ToString() ?? "",
        })),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static string Undo(IReadOnlyList<ReverseOp> operations) =>
        Lines(operations.Select(operation => $"{operation.Kind}: {Words(operation.Targets)}"));
}

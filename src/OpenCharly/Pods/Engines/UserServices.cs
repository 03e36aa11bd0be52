using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Pods.Engines;

/// <summary>The service manager of the user.</summary>
/// <param name="processes">Runs <c>systemctl</c>.</param>
internal sealed class UserServices(IProcessRunner processes)
{
    private const string Program = "systemctl";

    // A first start may have to unpack an image; the unit's own limit ends it.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    /// <summary>Reads units anew.</summary>
    public Task ReloadAsync(CancellationToken cancellationToken) => MustAsync("read units anew", ["daemon-reload"], cancellationToken);

    /// <summary>Starts units and waits until they run.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodService"/>, with what the units said of it.</exception>
    public async Task StartAsync(IReadOnlyList<string> units, CancellationToken cancellationToken)
    {
        var result = await RunAsync(["start", .. units], cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) throw await ExplainedAsync("start", units, result, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops a unit; one that does not run, or is not there, is stopped already.</summary>
    public async Task StopAsync(string unit, CancellationToken cancellationToken)
    {
        var result = await RunAsync(["stop", unit], cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded && !IsUnknown(result)) throw Failed($"stop {unit}", result);
    }

    /// <summary>Starts a unit again.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodService"/>, with what the unit said of it.</exception>
    public async Task RestartAsync(string unit, CancellationToken cancellationToken)
    {
        var result = await RunAsync(["restart", unit], cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) throw await ExplainedAsync("restart", [unit], result, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Has a unit start with others.</summary>
    public Task EnableAsync(string unit, CancellationToken cancellationToken) => MustAsync($"enable {unit}", ["enable", unit], cancellationToken);

    /// <summary>Stops units and no longer starts them by themselves, as far as they are there.</summary>
    public async Task DisableAsync(string unit, CancellationToken cancellationToken)
    {
        // Units that a generator made can't be disabled, only stopped: their quadlet is what starts them.
        await StopAsync(unit, cancellationToken).ConfigureAwait(false);
        await RunAsync(["disable", unit], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Forgets that units failed, as far as they are there.</summary>
    public Task ResetFailedAsync(IReadOnlyList<string> units, CancellationToken cancellationToken) => RunAsync(["reset-failed", .. units], cancellationToken);

    /// <summary>Whether a unit runs.</summary>
    public async Task<bool> IsActiveAsync(string unit, CancellationToken cancellationToken) => (await RunAsync(["is-active", "--quiet", unit], cancellationToken).ConfigureAwait(false)).Succeeded;

    /// <summary>The command of a unit's <c>ExecStartPost=</c> that failed when it was last started; null if none did.</summary>
    public async Task<string?> FailedAfterStartAsync(string unit, CancellationToken cancellationToken)
    {
        var shown = await RunAsync(["show", "--property=ExecStartPost", unit], cancellationToken).ConfigureAwait(false);
        foreach (var line in shown.StandardOutput.Split('\n'))
        {
            var fields = line.Split(" ; ", StringSplitOptions.TrimEntries);
            var status = fields.FirstOrDefault(f => f.StartsWith("status=", StringComparison.Ordinal))?["status=".Length..].TrimEnd(' ', '}');
            if (fields.Contains("code=exited") && status is not (null or "0") && fields.FirstOrDefault(f => f.StartsWith("argv[]=", StringComparison.Ordinal)) is { } command) return command["argv[]=".Length..];
        }

        return null;
    }

    /// <summary>The states of units by name, in one question: <c>active</c>, <c>failed</c>, <c>inactive</c>; without a service manager none.
    /// A unit that fails again and again counts as failed.</summary>
    public async Task<IReadOnlyDictionary<string, string>> StatesAsync(IReadOnlyList<string> units, CancellationToken cancellationToken)
    {
        var states = new Dictionary<string, string>(StringComparer.Ordinal);
        if (units.Count == 0 || processes.Find(Program) is null) return states;
        var result = await RunAsync(["show", "--property=Id,ActiveState,SubState", .. units], cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) return states;
        foreach (var block in result.StandardOutput.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = block.Split('\n').Select(l => l.Split('=', 2)).Where(p => p.Length == 2).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);
            if (lines.TryGetValue("Id", out var id)) states[id] = lines.GetValueOrDefault("SubState") == "auto-restart" ? "failed" : lines.GetValueOrDefault("ActiveState", "");
        }

        return states;
    }

    private Task<CommandResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        processes.RunAsync(new ProcessRequest(Program, ["--user", .. arguments]) { Timeout = Limit }, cancellationToken);

    private async Task MustAsync(string what, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) throw Failed(what, result);
    }

    // The service manager says only that a unit failed; why is what the unit said itself, which is in the journal.
    private async Task<CharlyException> ExplainedAsync(string verb, IReadOnlyList<string> units, CommandResult result, CancellationToken cancellationToken)
    {
        var failed = Failed($"{verb} {string.Join(' ', units)}", result);
        if (processes.Find("journalctl") is null) return failed;
        var journal = await processes.RunAsync(
            new ProcessRequest("journalctl", ["--user", "--no-pager", "--quiet", "--output=cat", "--lines=40", .. units.Select(u => "--unit=" + u)]) { Timeout = TimeSpan.FromSeconds(30) }, cancellationToken).ConfigureAwait(false);
        var said = journal.StandardOutput.Split('\n').LastOrDefault(l => l.StartsWith("error", StringComparison.OrdinalIgnoreCase));
        return said is null ? failed : new CharlyException(
            Errors.PodService, $"systemctl --user could not {verb} {string.Join(' ', units)}: {said.Trim()}", $"Mend what it names. All that was said: journalctl --user {string.Join(' ', units.Select(u => "-u " + u))}", target: Program);
    }

    private static bool IsUnknown(CommandResult result) =>
        result.StandardError.Contains("not loaded", StringComparison.OrdinalIgnoreCase) || result.StandardError.Contains("not found", StringComparison.OrdinalIgnoreCase);

    private static CharlyException Failed(string what, CommandResult result) => new(
        Errors.PodService, $"systemctl --user could not {what} (exit code {result.ExitCode}): {result.Tail(3)}", "Look at: journalctl --user -e. Without a user manager, set run_mode to direct.", target: Program);
}

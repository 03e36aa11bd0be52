using System.Globalization;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>Has the user's service manager remove a deployment when its time is over (deploy.md §9).</summary>
internal sealed class DeadlineTimer(CharlyContext context)
{
    /// <summary>Names the short-lived deployment that a removal is meant for: one of the same name that came after it stays.</summary>
    public const string IdVariable = "CHARLY_EPHEMERAL_ID";

    private const string Program = "systemd-run";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // A service has none of the caller's environment, and these decide which files charly reads and which programs it finds.
    private static readonly string[] Passed = ["PATH", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "CHARLY_PROJECT_DIR", "CHARLY_PROJECT_REPO"];

    /// <summary>Starts the timer.</summary>
    /// <param name="key">Deploy key.</param>
    /// <param name="id">Id of the short-lived deployment.</param>
    /// <param name="after">When, from now.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Name of the timer unit; null, after a warning, where no service manager of the user runs.</returns>
    public async Task<string?> StartAsync(string key, string id, TimeSpan after, CancellationToken cancellationToken)
    {
        var why = "there is no systemd-run";
        if (context.Processes.Find(Program) is not null)
        {
            var now = context.Environment.Clock.GetUtcNow().ToUnixTimeSeconds();
            var unit = string.Create(CultureInfo.InvariantCulture, $"charly-deploy-del-{string.Concat(key.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' ? c : '-'))}-{now}");
            List<string> arguments =
            [
                "--user", $"--on-active={Math.Max(1, (long)Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture)}", $"--unit={unit}", "--collect", "--quiet",
                $"--working-directory={context.ProjectFolder}", $"--setenv={IdVariable}={id}",
            ];
            arguments.AddRange(Passed.Where(v => context.Environment.Variable(v) is not null).Select(v => $"--setenv={v}={context.Environment.Variable(v)}"));
            arguments.AddRange([context.Processes.Find("charly") ?? Environment.ProcessPath ?? "/usr/bin/charly", "deploy", "del", key, "--assume-yes"]);
            var result = await context.Processes.RunAsync(new ProcessRequest(Program, arguments) { Timeout = Limit }, cancellationToken).ConfigureAwait(false);
            if (result.Succeeded) return unit + ".timer";
            why = result.Tail(1).Trim();
        }

        context.Progress.Report(new NoticeEvent(
            NoticeLevel.Warning, $"nothing ends {key} by itself when its time is over, because no service manager of this user could be asked to ({why}); charly reap-orphans does it, from a cron job or by hand"));
        return null;
    }

    /// <summary>Stops the timer; one that is gone is stopped already.</summary>
    public async Task StopAsync(string unit, CancellationToken cancellationToken)
    {
        if (context.Processes.Find("systemctl") is null) return;
        var result = await context.Processes.RunAsync(new ProcessRequest("systemctl", ["--user", "stop", unit]) { Timeout = Limit }, cancellationToken).ConfigureAwait(false);
        if (result.Succeeded || result.StandardError.Contains("not loaded", StringComparison.OrdinalIgnoreCase)) return;
        context.Progress.Report(new NoticeEvent(NoticeLevel.Warning, $"the timer {unit} could not be stopped, and finds nothing to do when it ends: {result.Tail(1).Trim()}"));
    }
}

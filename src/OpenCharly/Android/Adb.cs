using System.Globalization;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Android;

/// <summary>A device as an adb server reaches it.</summary>
/// <param name="Host">Host of the server.</param>
/// <param name="Port">Port of the server.</param>
/// <param name="Serial">Serial number of the device.</param>
public sealed record AdbEndpoint(string Host, int Port, string Serial)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Serial} at {Host}:{Port}");
}

/// <summary>How long a device gets, and how often it is asked.</summary>
/// <param name="Boot">Most time until it has booted.</param>
/// <param name="BootPoll">Time between two looks at that.</param>
/// <param name="Install">Most time for a package that it refuses at first.</param>
/// <param name="InstallPoll">Time between two attempts.</param>
public sealed record AndroidPatience(TimeSpan Boot, TimeSpan BootPoll, TimeSpan Install, TimeSpan InstallPoll)
{
    /// <summary>Five minutes to boot, three for a package with attempts 5 s apart (deploy.md §7.7).</summary>
    public static AndroidPatience Usual { get; } = new(TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(180), TimeSpan.FromSeconds(5));
}

/// <summary>The adb program, pointed at one device. It never starts a server of its own: the endpoint says whose is meant.</summary>
/// <param name="processes">Runs programs.</param>
/// <param name="endpoint">The device.</param>
/// <param name="clock">Tells deadlines.</param>
/// <param name="progress">Told what is waited for.</param>
/// <param name="patience">How long the device gets.</param>
public sealed class Adb(IProcessRunner processes, AdbEndpoint endpoint, TimeProvider clock, IProgress<CharlyEvent> progress, AndroidPatience patience)
{
    private const string Program = "adb";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly string[] Silence = ["cannot connect", "failed to connect", "connection refused", "no devices", "not found", "device offline", "unauthorized", "closed", "connection reset"];

    /// <summary>Waits until the device has booted.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.AndroidUnreachable"/> with what was seen last, <see cref="Errors.ToolMissing"/>.</exception>
    public async Task WaitUntilBootedAsync(CancellationToken cancellationToken)
    {
        var deadline = clock.GetUtcNow() + patience.Boot;
        for (var seen = "nothing yet"; ;)
        {
            var answer = await RunAsync(Limit, null, cancellationToken, "shell", "getprop", "sys.boot_completed").ConfigureAwait(false);
            if (answer.Succeeded && answer.StandardOutput.Trim() == "1") return;
            seen = answer.Succeeded ? $"sys.boot_completed is \"{answer.StandardOutput.Trim()}\"" : answer.Tail(1);
            if (clock.GetUtcNow() >= deadline)
            {
                throw new CharlyException(
                    Errors.AndroidUnreachable, $"{endpoint} had not booted after {patience.Boot.TotalSeconds:0} s: {seen}", "See whether the adb server knows it: adb devices", target: endpoint.Serial);
            }

            progress.Report(new WaitEvent("the device has booted", 1, 1, deadline, seen));
            await Task.Delay(patience.BootPoll, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether the device is there and takes commands.</summary>
    public async Task<bool> IsOnlineAsync(CancellationToken cancellationToken)
    {
        var state = await RunAsync(Limit, null, cancellationToken, "get-state").ConfigureAwait(false);
        return state.Succeeded && state.StandardOutput.Trim() == "device";
    }

    /// <summary>Ids of all packages that are installed.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.AndroidUnreachable"/>.</exception>
    public async Task<IReadOnlySet<string>> PackagesAsync(CancellationToken cancellationToken)
    {
        var listed = await RunAsync(Limit, null, cancellationToken, "shell", "pm", "list", "packages").ConfigureAwait(false);
        if (!listed.Succeeded) throw Silent("list its packages", listed);
        return listed.StandardOutput.Split('\n').Select(l => l.Trim()).Where(l => l.StartsWith("package:", StringComparison.Ordinal)).Select(l => l["package:".Length..]).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Installs one package from one file, or from the several that it was split into. A device that is busy is asked again.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ApkInstall"/> with what it said last.</exception>
    public async Task InstallAsync(string name, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        var deadline = clock.GetUtcNow() + patience.Install;
        while (true)
        {
            var left = deadline - clock.GetUtcNow();
            var result = await RunAsync(left > Limit ? left : Limit, null, cancellationToken, [files.Count == 1 ? "install" : "install-multiple", "-r", .. files]).ConfigureAwait(false);
            var said = (result.StandardOutput + result.StandardError).Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0).ToArray();
            if (result.Succeeded && said.Contains("Success")) return;
            var last = said.LastOrDefault(l => l.Contains("Failure", StringComparison.Ordinal) || l.Contains("failed", StringComparison.OrdinalIgnoreCase)) ?? (said.Length > 0 ? said[^1] : null) ?? $"exit code {result.ExitCode}";
            if (clock.GetUtcNow() + patience.InstallPoll >= deadline)
            {
                throw new CharlyException(
                    Errors.ApkInstall, $"{endpoint} did not take {name} within {patience.Install.TotalSeconds:0} s: {last}", "Look the word in brackets up in Android's own list of install errors; what was installed before it is on record.", target: name);
            }

            progress.Report(new WaitEvent($"{name} is installed", 1, 1, deadline, last));
            await Task.Delay(patience.InstallPoll, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Copies a file to the device.</summary>
    public async Task PushAsync(string file, string target, CancellationToken cancellationToken)
    {
        var result = await RunAsync(TimeSpan.FromMinutes(10), null, cancellationToken, "push", file, target).ConfigureAwait(false);
        if (!result.Succeeded) throw Silent($"take {target}", result);
    }

    /// <summary>Uninstalls a package.</summary>
    /// <returns>What the device said if it did not; null if it did.</returns>
    public async Task<string?> UninstallAsync(string package, CancellationToken cancellationToken)
    {
        var result = await RunAsync(TimeSpan.FromMinutes(1), null, cancellationToken, "shell", "pm", "uninstall", Shell.Quote(package)).ConfigureAwait(false);
        return result.Succeeded && result.StandardOutput.Contains("Success", StringComparison.Ordinal) ? null : result.Tail(1) is { Length: > 0 } tail ? tail : $"exit code {result.ExitCode}";
    }

    private async Task<CommandResult> RunAsync(TimeSpan limit, string? input, CancellationToken cancellationToken, params string[] arguments)
    {
        // Of "localhost", and only of it, adb thinks that it may start a server there.
        var host = endpoint.Host == "localhost" ? "127.0.0.1" : endpoint.Host;
        var request = new ProcessRequest(Program, ["-H", host, "-P", endpoint.Port.ToString(CultureInfo.InvariantCulture), "-s", endpoint.Serial, .. arguments]) { Input = input, Timeout = limit };
        try
        {
            return await processes.RunAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (CharlyException e) when (e.Code == Errors.Io)
        {
            return new CommandResult("", e.Message, -1, limit);
        }
    }

    private CharlyException Silent(string what, CommandResult result)
    {
        var isSilent = Silence.Any(s => result.StandardError.Contains(s, StringComparison.OrdinalIgnoreCase));
        return new CharlyException(
            isSilent ? Errors.AndroidUnreachable : Errors.ApkInstall, $"{endpoint} did not {what}: {result.Tail(1)}", "See whether the adb server knows it: adb devices", target: endpoint.Serial);
    }
}

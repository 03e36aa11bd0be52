using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Kubernetes;

/// <summary>The cluster's own program, pointed at one context.</summary>
/// <param name="processes">Runs programs.</param>
/// <param name="context">Context of the kubeconfig; its current one if null.</param>
/// <param name="output">Told each line that it prints.</param>
internal sealed class Kubectl(IProcessRunner processes, string? context, Action<OutputLine>? output = null)
{
    private const string Program = "kubectl";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static readonly string[] Silence =
        ["connection refused", "was refused", "Unable to connect", "no such host", "i/o timeout", "no route to host", "context deadline exceeded", "TLS handshake timeout"];

    /// <summary>Whether it is installed.</summary>
    public bool IsInstalled => processes.Find(Program) is not null;

    /// <summary>Makes a namespace that is not there.</summary>
    public async Task EnsureNamespaceAsync(string name, CancellationToken cancellationToken)
    {
        var found = await RunAsync(["get", "namespace", name, "--ignore-not-found", "--output", "name"], null, cancellationToken).ConfigureAwait(false);
        Require(found, $"look for the namespace {name}");
        if (found.StandardOutput.Trim().Length > 0) return;
        Require(await RunAsync(["create", "namespace", name], output, cancellationToken).ConfigureAwait(false), $"create the namespace {name}");
    }

    /// <summary>Brings the cluster to what a folder says.</summary>
    /// <returns>Whether it changed anything.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.Kubectl"/>, <see cref="Errors.ClusterUnreachable"/>, <see cref="Errors.ToolMissing"/>.</exception>
    public async Task<bool> ApplyAsync(string folder, CancellationToken cancellationToken)
    {
        var result = await RunAsync(["apply", "-k", folder], output, cancellationToken).ConfigureAwait(false);
        Require(result, $"apply {folder}");
        return result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Any(l => !l.TrimEnd().EndsWith(" unchanged", StringComparison.Ordinal));
    }

    /// <summary>Takes what a folder says away from the cluster.</summary>
    public async Task DeleteAsync(string folder, CancellationToken cancellationToken) =>
        Require(await RunAsync(["delete", "-k", folder, "--ignore-not-found"], output, cancellationToken).ConfigureAwait(false), $"delete {folder}");

    /// <summary>What the cluster has of what a folder says, as JSON; null if it lacks any of it.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.Kubectl"/>, <see cref="Errors.ClusterUnreachable"/>.</exception>
    public async Task<string?> GetAsync(string folder, TimeSpan limit, CancellationToken cancellationToken)
    {
        var seconds = Math.Max(1, (int)limit.TotalSeconds - 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var result = await RunAsync(["get", "-k", folder, "--output", "json", $"--request-timeout={seconds}s"], null, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded && result.StandardError.Contains("NotFound", StringComparison.Ordinal)) return null;
        Require(result, $"look for what {folder} says");
        return result.StandardOutput;
    }

    private Task<CommandResult> RunAsync(IReadOnlyList<string> arguments, Action<OutputLine>? told, CancellationToken cancellationToken) => processes.RunAsync(
        new ProcessRequest(Program, [.. context is null ? [] : (string[])["--context", context], .. arguments]) { Output = told, Timeout = Limit }, cancellationToken);

    private void Require(CommandResult result, string what)
    {
        if (result.Succeeded) return;
        var where = context is null ? "the current context" : $"the context {context}";
        var isSilent = Silence.Any(s => result.StandardError.Contains(s, StringComparison.OrdinalIgnoreCase));
        throw new CharlyException(
            isSilent ? Errors.ClusterUnreachable : Errors.Kubectl,
            $"kubectl could not {what} in {where}: {result.Tail(3)}",
            isSilent ? $"See whether the cluster is up, and look at {where} with: kubectl config view" : "Correct what kubectl names, then run the same command again.",
            target: context);
    }
}

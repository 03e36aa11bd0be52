using System.Globalization;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Building;

/// <summary>A folder of this machine that a container sees.</summary>
/// <param name="Source">The folder.</param>
/// <param name="Target">Its path in the container.</param>
/// <param name="IsReadOnly">Whether it can't be written to there.</param>
internal sealed record Mount(string Source, string Target, bool IsReadOnly = false)
{
    public override string ToString() => $"{Source}:{Target}{(IsReadOnly ? ":ro" : "")}";
}

/// <summary>Runs builds in throw-away containers of the operator's podman. Images are never pulled.</summary>
/// <param name="processes">Runs programs.</param>
internal sealed class Podman(IProcessRunner processes)
{
    private const string Program = "podman";

    /// <summary>Whether podman is installed.</summary>
    public bool IsInstalled => processes.Find(Program) is not null;

    /// <summary>
    /// The image that a reference means here: itself if podman has it, else, for a name without tag, the newest of the
    /// images whose repository ends in that name; null if there is none.
    /// </summary>
    public async Task<string?> FindImageAsync(string reference, CancellationToken cancellationToken)
    {
        // Exit code 1 says no; any other failure says nothing about the image.
        var asked = await RunAsync(["image", "exists", CheckReference(reference)], cancellationToken).ConfigureAwait(false);
        if (asked.Succeeded) return reference;
        if (asked.ExitCode != 1) throw Failed($"say whether it has the image {reference}", asked);
        if (reference.Contains(':') || reference.Contains('@')) return null;
        var named = (await NamesAsync(cancellationToken).ConfigureAwait(false)).Where(i => NameOf(i) == reference);

        // Boxes carry versions as tags, so the greatest version is the newest build; of other tags the youngest is.
        return named.OrderBy(i => CalVer.TryParse(TagOf(i), out var version) ? version : default).LastOrDefault();
    }

    /// <summary>Names of all images that have one, with their tags, oldest first.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken)
    {
        var listed = await RunAsync(["images", "--format", "{{.Created}}\t{{.Repository}}:{{.Tag}}", "--sort", "created"], cancellationToken).ConfigureAwait(false);
        if (!listed.Succeeded) throw Failed("list its images", listed);
        var names = listed.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')[^1]);
        return [.. names.Where(i => !i.EndsWith(":<none>", StringComparison.Ordinal)).Reverse()];
    }

    /// <summary>The names that an image has here, in full; none if it has lost them.</summary>
    public async Task<IReadOnlyList<string>> NamesOfAsync(string image, CancellationToken cancellationToken)
    {
        var inspected = await RunAsync(["image", "inspect", "--format", "{{range .RepoTags}}{{println .}}{{end}}", CheckReference(image)], cancellationToken).ConfigureAwait(false);
        if (!inspected.Succeeded) throw Failed($"look at the image {image}", inspected);
        return inspected.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <summary>Runs a script in a throw-away container.</summary>
    /// <param name="image">The image.</param>
    /// <param name="script">The script, for <c>bash -s</c>.</param>
    /// <param name="mounts">Folders that it sees.</param>
    /// <param name="variables">Its variables; never a secret.</param>
    /// <param name="output">Takes each line.</param>
    /// <param name="cancellationToken">Ends the container.</param>
    public async Task<CommandResult> RunScriptAsync(
        string image, string script, IReadOnlyList<Mount> mounts, IReadOnlyDictionary<string, string> variables, Action<OutputLine>? output, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"charly-build-{Guid.NewGuid():N}");

        // Labels would have to be changed on the operator's own folders for the container to read them.
        List<string> arguments = ["run", "--rm", "--pull=never", "--name", name, "--user", "0:0", "--security-opt", "label=disable", "-i", "-w", "/work"];
        foreach (var mount in mounts) arguments.AddRange(["-v", mount.ToString()]);
        foreach (var (key, value) in variables.OrderBy(v => v.Key, StringComparer.Ordinal)) arguments.AddRange(["-e", $"{key}={value}"]);
        arguments.AddRange([CheckReference(image), "bash", "-s"]);
        try
        {
            return await processes.RunAsync(new ProcessRequest(Program, arguments) { Input = script, Output = output }, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The container is no child of podman's own process, and outlives it.
            await processes.RunAsync(new ProcessRequest(Program, "rm", "--force", "--time", "0", name) { Timeout = TimeSpan.FromSeconds(20) }, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private Task<CommandResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        processes.RunAsync(new ProcessRequest(Program, arguments), cancellationToken);

    private static string NameOf(string image)
    {
        var repository = image[..image.LastIndexOf(':')];
        return repository[(repository.LastIndexOf('/') + 1)..];
    }

    private static string TagOf(string image) => image[(image.LastIndexOf(':') + 1)..];

    private static string CheckReference(string reference) => reference.Length > 0 && reference[0] != '-' && !reference.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
        ? reference
        : throw new CharlyException(Errors.PlanBuilder, $"\"{reference}\" can't name an image", "Write it as REPOSITORY:TAG.", target: reference);

    private static CharlyException Failed(string what, CommandResult result) => new(
        Errors.PlanBuilder, $"podman could not {what} (exit code {result.ExitCode}): {result.Tail(3)}", "Run podman info by hand and mend what it names.", target: Program);
}

using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.Boxes;

/// <summary>The program that builds, keeps and runs images on this machine: podman, or docker.</summary>
/// <param name="processes">Runs programs.</param>
/// <param name="name"><c>podman</c> or <c>docker</c>.</param>
public sealed class ContainerEngine(IProcessRunner processes, string name)
{
    /// <summary><c>podman</c> or <c>docker</c>.</summary>
    public string Name { get; } = name;

    /// <summary>Whether it is podman.</summary>
    public bool IsPodman => Name == "podman";

    /// <summary>Whether the program is installed.</summary>
    public bool IsInstalled => processes.Find(Name) is not null;

    /// <summary>Its version; null if it does not say one.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ToolMissing"/> if the program is not installed.</exception>
    public async Task<Version?> VersionAsync(CancellationToken cancellationToken = default)
    {
        var said = await RunAsync(["--version"], cancellationToken).ConfigureAwait(false);
        return said.StandardOutput.Split((char[])[' ', ',', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(w => Version.TryParse(w.Split('-')[0], out var version) ? version : null).FirstOrDefault(v => v is not null);
    }

    /// <summary>Runs the engine; its exit code is for the caller to judge.</summary>
    /// <param name="arguments">Its arguments; never a secret.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ToolMissing"/> if the program is not installed.</exception>
    public Task<CommandResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken = default) =>
        RunAsync(new ProcessRequest(Name, arguments), cancellationToken);

    /// <summary>Runs the engine with input, a folder, or somebody who listens.</summary>
    /// <param name="request">The request; its program is replaced by the engine.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CharlyException"><see cref="Errors.ToolMissing"/> if the program is not installed.</exception>
    public async Task<CommandResult> RunAsync(ProcessRequest request, CancellationToken cancellationToken = default)
    {
        if (!IsInstalled)
        {
            throw new CharlyException(Errors.ToolMissing, $"the container engine {Name} is not installed", $"Install {Name}, or choose another engine with engine.run and engine.build in the settings.", target: Name);
        }

        return await processes.RunAsync(request with { Program = Name }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The error for a request that the engine refused.</summary>
    internal CharlyException Refused(string what, CommandResult result) => new(
        Errors.ImageEngine, $"{Name} could not {what} (exit code {result.ExitCode}): {result.Tail(3)}", $"Run {Name} info by hand and mend what it names.", target: Name);
}

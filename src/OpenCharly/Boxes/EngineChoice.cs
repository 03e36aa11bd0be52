using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Boxes;

/// <summary>Chooses the engine for a job (pod.md §3.4): a variable, else the settings file, else what is installed, podman first.</summary>
/// <param name="environment">Variables of the user.</param>
/// <param name="paths">Where the settings file is.</param>
/// <param name="processes">Runs programs.</param>
public sealed class EngineChoice(CharlyEnvironment environment, HostPaths paths, IProcessRunner processes)
{
    private static readonly string[] Engines = ["podman", "docker"];

    /// <summary>The engine that runs containers: <paramref name="own"/>, <c>CHARLY_RUN_ENGINE</c>, <c>CHARLY_ENGINE_RUN</c>, <c>engine.run</c>.</summary>
    /// <param name="own">The deploy entry's own choice; null if it has none.</param>
    /// <exception cref="CharlyException"><see cref="Errors.Usage"/> for any other program.</exception>
    public ContainerEngine Run(string? own = null) => Choose(own ?? Variable("CHARLY_RUN_ENGINE", "CHARLY_ENGINE_RUN") ?? Setting("run"));

    /// <summary>The engine that builds images: <c>CHARLY_BUILD_ENGINE</c>, <c>CHARLY_ENGINE_BUILD</c>, <c>engine.build</c>.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.Usage"/> for any other program.</exception>
    public ContainerEngine Build() => Choose(Variable("CHARLY_BUILD_ENGINE", "CHARLY_ENGINE_BUILD") ?? Setting("build"));

    private ContainerEngine Choose(string? name)
    {
        if (name is null or "auto") return new ContainerEngine(processes, Engines.FirstOrDefault(e => processes.Find(e) is not null) ?? Engines[0]);
        return Engines.Contains(name)
            ? new ContainerEngine(processes, name)
            : throw new CharlyException(Errors.Usage, $"\"{name}\" is no container engine", "Use podman, docker or auto.", target: name);
    }

    private string? Variable(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (environment.Variable(name) is { } value) return value;
        }

        return null;
    }

    private string? Setting(string name) => new SettingsFile(paths).Text(SettingKey.Of($"engine.{name}"));
}

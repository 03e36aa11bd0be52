using OpenCharly.Execution;
using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Tests.Model;

/// <summary>A throw-away home with a project folder in it.</summary>
public abstract class ProjectFixture : IDisposable
{
    protected ProjectFixture()
    {
        Root = Directory.CreateTempSubdirectory("charly-project-").FullName;
        Folder = Path.Combine(Root, "project");
        Directory.CreateDirectory(Folder);
        Variables["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin";
        Variables["HOME"] = Root;
        Variables["GIT_CONFIG_NOSYSTEM"] = "1";
    }

    protected string Root { get; }

    protected string Folder { get; }

    protected Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal);

    protected CharlyEnvironment Machine => new() { Variables = Variables, Home = Root, WorkingDirectory = Folder };

    protected ProjectLoader Loader => new(Machine, new HostPaths(Machine), new ProcessRunner(Machine));

    public void Dispose()
    {
        Directory.Delete(Root, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected string Write(string path, string text)
    {
        var full = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return full;
    }

    protected void WriteCandy(string name, string body = "package: [curl]") => Write(
        $"candy/{name}/charly.yml",
        $"candy:\n  name: {name}\n  version: 2026.150.0900\n" + string.Concat(body.Split('\n').Select(l => $"  {l}\n")));

    protected void WriteHost(string text)
    {
        var file = new HostPaths(Machine).HostFile;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    protected Task<Project> LoadAsync() => Loader.LoadAsync(Folder);

    protected async Task<CharlyException> LoadFailsAsync() => await Assert.ThrowsAnyAsync<CharlyException>(LoadAsync);
}

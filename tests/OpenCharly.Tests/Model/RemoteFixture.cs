using System.Diagnostics;

namespace OpenCharly.Tests.Model;

/// <summary>A project, and repositories that real git serves to it over <c>file://</c>.</summary>
public abstract class RemoteFixture : ProjectFixture
{
    protected const string Version = "version: 2026.163.0928\n";

    protected RemoteFixture() => Variables["CHARLY_REPO_URL_BASE"] = "file://" + Path.Combine(Root, "remote");

    /// <summary>A repository with a manifest and candies, all in one commit of its branch main.</summary>
    protected string Publish(string repository, string manifest, params string[] candies)
    {
        var folder = Path.Combine(Root, "remote/code.example.org", repository);
        Directory.CreateDirectory(folder);
        Git(folder, "init", "--quiet", "--initial-branch=main");
        File.WriteAllText(Path.Combine(folder, "charly.yml"), manifest);
        foreach (var candy in candies) AddCandy(folder, candy);
        Commit(folder);
        return folder;
    }

    protected void AddCandy(string folder, string name, string fields = "")
    {
        var file = Path.Combine(folder, "candy", name, "charly.yml");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, $"candy: {{name: {name}, version: 2026.150.0900, package: [{name}]{fields}}}\n");
        Commit(folder);
    }

    protected void Commit(string folder)
    {
        Git(folder, "add", ".");
        Git(folder, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--allow-empty", "-m", "x");
    }

    protected void Git(string folder, params string[] arguments) => Start("git", folder, arguments);

    protected void Start(string program, string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, Environment = { ["HOME"] = Root, ["GIT_CONFIG_NOSYSTEM"] = "1" } })!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}

using System.Diagnostics;
using OpenCharly.LiveTests.Support;

namespace OpenCharly.LiveTests.Execution;

public sealed class LeftoversTests
{
    [LiveFact("tail")]
    public async Task What_a_killed_run_left_is_cleared_away_and_a_living_runs_is_not()
    {
        using var owner = Process.Start("true");
        await owner.WaitForExitAsync();
        var root = Directory.CreateTempSubdirectory("charly-sweep-").FullName;
        var dead = Directory.CreateDirectory(Path.Combine(root, Leftovers.FolderName(owner.Id) + "x")).FullName;
        var alive = Directory.CreateDirectory(Path.Combine(root, Leftovers.FolderName(Environment.ProcessId) + "x")).FullName;
        await File.WriteAllTextAsync(dead + "/log", "");
        using var server = Process.Start("tail", ["-f", dead + "/log"]);
        Leftovers.SweepFolders(root);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await server.WaitForExitAsync(limit.Token);
        Assert.False(Directory.Exists(dead));
        Assert.True(Directory.Exists(alive));
        Directory.Delete(root, recursive: true);
    }
}

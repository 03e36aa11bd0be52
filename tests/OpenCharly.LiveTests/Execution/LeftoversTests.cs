using System.Diagnostics;
using OpenCharly.LiveTests.Support;

namespace OpenCharly.LiveTests.Execution;

public sealed class LeftoversTests
{
    [LiveFact("sleep")]
    public async Task What_a_killed_run_left_is_cleared_away_and_a_living_runs_is_not()
    {
        using var owner = Process.Start("true");
        await owner.WaitForExitAsync();
        var dead = Directory.CreateTempSubdirectory($"cs-{owner.Id}-").FullName;
        var alive = Leftovers.NewFolder();
        using var server = Process.Start("sh", ["-c", "exec tail -f \"$0\"", dead + "/log"]);
        await File.WriteAllTextAsync(dead + "/log", "");
        Leftovers.SweepFolders();
        await server.WaitForExitAsync();
        Assert.False(Directory.Exists(dead));
        Assert.True(Directory.Exists(alive));
        Directory.Delete(alive);
    }
}

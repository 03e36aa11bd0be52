using OpenCharly.LiveTests.Support;
using Xunit.Abstractions;

namespace OpenCharly.LiveTests.Repair;

/// <summary>
/// Adds, adds over an earlier version, and removals over ssh, cut at seeded points in five ways. After each cut the
/// ledger can be read; then the same command again, a repair without the project, or a rollback ends in exactly the
/// state of a run that was not cut, or of none.
/// </summary>
/// <remarks>CHARLY_TEST_SEED repeats a run; CHARLY_TEST_POINTS says how many points, 20 a scenario if not given; CHARLY_TEST_CUT names the only way to cut.</remarks>
public sealed class CutRunTests(LayeredHost host, ITestOutputHelper output) : IClassFixture<LayeredHost>
{
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("CHARLY_TEST_SEED"), out var seed) ? seed : 5663467;
    private static readonly CutKind? Only = Enum.TryParse<CutKind>(Environment.GetEnvironmentVariable("CHARLY_TEST_CUT"), out var only) ? only : null;
    private static readonly int Points = int.TryParse(Environment.GetEnvironmentVariable("CHARLY_TEST_POINTS"), out var points) ? points : 20;

    [LiveTheory("root", "sshd", "ssh", "ssh-keygen", "unshare", "nsenter", "chroot", "mount", "tar", "curl", "apt-get", "dpkg-deb", "setcap", "getcap")]
    [InlineData("first add")]
    [InlineData("add over another")]
    [InlineData("removal")]
    public async Task Whatever_cuts_a_run_it_can_be_repeated_finished_or_taken_back(string run)
    {
        output.WriteLine($"CHARLY_TEST_SEED={Seed}");
        var verb = run == "removal" ? "del" : "add";
        await using var lab = await CutLab.MakeAsync(host);
        await lab.WriteAsync(1);
        if (run != "first add") Assert.Null((await lab.AddAsync()).Failure);
        if (run == "add over another") await lab.WriteAsync(2);
        await lab.KeepAsync("before");
        var (before, records) = (await lab.PhotographAsync(), lab.Records());
        var places = await lab.WatchAsync(verb);
        var after = await lab.PhotographAsync();
        Assert.NotEmpty(await lab.DifferencesAsync(before));
        Assert.Equal(run == "first add", after.GetValueOrDefault("/usr/bin/lab-tool", "absent") != "absent");
        Assert.Equal(run == "removal" ? 0 : 1, lab.Records().Count(r => r.Contains("\"deploy_id\"", StringComparison.Ordinal)));

        var random = new Random(Seed);
        for (var (cuts, tries) = (0, 0); cuts < Points; tries++)
        {
            Assert.True(tries < 3 * Points, $"only {cuts} of {tries} points were reached");
            var (kind, order) = ((CutKind)random.Next(5), new Random(random.Next()));
            kind = Only ?? kind;
            var place = random.Next(-1, places.Count);
            var then = ((string[])["again", "rollback", "repair"])[random.Next(3)];
            var where = $"{run}, {kind} at {place} of {places.Count}, then {then}; CHARLY_TEST_SEED={Seed}";
            try
            {
                await lab.GoToAsync("before");
                var cut = await lab.CutAsync(verb, kind, place < 0 ? 0 : places[place], order);
                if (!cut.WasRunning) continue;
                cuts++;
                var unfinished = (await lab.ReadAsync()).UnfinishedRun;
                output.WriteLine($"{where}: {cut.Bytes} bytes of journal, {(unfinished is null ? "no run on record" : $"{unfinished.FinishedSteps} finished, {unfinished.OpenSteps.Count} open")}");
                if (then == "again") Assert.Null((await (verb == "add" ? lab.AddAsync() : lab.RemoveAsync())).Failure);
                else
                {
                    var result = await lab.RepairAsync(then == "rollback");
                    where += string.Concat(result.Undone.Select(u => $"\n  {u.Status}: {u.Candy}: {u.Detail}"));
                    Assert.Null(result.Failure);
                }

                // The cut may have come before the journal, or after all was done and on record.
                var toAfter = await lab.DifferencesAsync(after);
                var toBefore = await lab.DifferencesAsync(before);
                if (then == "again" || (then == "repair" && unfinished is not null)) Assert.True(toAfter.Count == 0, string.Join("; ", toAfter));
                else if (then == "rollback" && unfinished is not null) Assert.True(toBefore.Count == 0, string.Join("; ", toBefore));
                else Assert.True(toAfter.Count == 0 || toBefore.Count == 0, $"neither before ({string.Join("; ", toBefore)}) nor after ({string.Join("; ", toAfter)})");
                if (then == "rollback" && toBefore.Count == 0) Assert.Equal(records, lab.Records());
                Assert.Null((await lab.ReadAsync()).UnfinishedRun);
                if (unfinished is not null || then != "repair") Assert.Empty(lab.LeftInLedger());
                if (lab.Records().Count > 0) Assert.Empty(await lab.DriftAsync());
                else if (unfinished is not null || then != "repair") Assert.False(lab.HasLedger, "an empty ledger stays");
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(where, e);
            }
        }
    }
}

using OpenCharly.LiveTests.Support;
using Xunit.Abstractions;

namespace OpenCharly.LiveTests.Repair;

/// <summary>
/// Adds, adds over an earlier version, and removals over ssh, cut at seeded points in four ways. After each cut the
/// ledger can be read; then the same command again, a repair without the project, or a rollback ends in exactly the
/// state of a run that was not cut, or of none.
/// </summary>
/// <remarks>CHARLY_TEST_SEED repeats a run; CHARLY_TEST_POINTS says how many points, 20 a scenario if not given.</remarks>
public sealed class CutRunTests(LoopbackSshd server, ITestOutputHelper output) : IClassFixture<LoopbackSshd>
{
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("CHARLY_TEST_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;
    private static readonly int Points = int.TryParse(Environment.GetEnvironmentVariable("CHARLY_TEST_POINTS"), out var points) ? points : 20;

    [LiveTheory("root", "sshd", "ssh", "ssh-keygen", "tar", "curl")]
    [InlineData("first add")]
    [InlineData("add over another")]
    [InlineData("removal")]
    public async Task Whatever_cuts_a_run_it_can_be_repeated_finished_or_taken_back(string run)
    {
        await using var lab = await CutLab.MakeAsync(server);
        var (before, _) = await BeforeAsync(lab, run);
        await RunAsync(lab, run);
        var after = lab.Photograph();
        var random = new Random(Seed);
        var cuts = 0;
        for (var tries = 0; cuts < Points; tries++)
        {
            Assert.True(tries < 4 * Points, $"only {cuts} of {tries} points were reached");
            var kind = (CutKind)random.Next(4);
            var point = random.NextDouble();
            var next = (string[])["again", "repair", "rollback"];
            var then = next[random.Next(3)];
            var where = $"{run}, {kind} at {point:0.000}, then {then}; CHARLY_TEST_SEED={Seed}";
            try
            {
                var (_, records) = await BeforeAsync(lab, run);
                if (!await lab.CutAsync(run == "removal" ? "del" : "add", kind, point)) continue;
                cuts++;
                var ledger = await lab.ReadAsync();
                output.WriteLine($"{where}: {(ledger.UnfinishedRun is { } cut ? $"{cut.FinishedSteps} finished, {cut.OpenSteps.Count} open" : "no run on record")}");
                if (then == "again") await RunAsync(lab, run);
                else Assert.Null((await lab.RepairAsync(then == "rollback")).Failure);

                // The cut may have come before the journal, or after all was done and on record.
                IReadOnlyList<string> now = lab.Photograph(), nowRecords = lab.Records();
                if (then == "again") Assert.Equal(after, now);
                else if (then == "rollback" && !now.SequenceEqual(after)) Assert.Equal(before, now);
                else if (then == "repair" && !now.SequenceEqual(before)) Assert.Equal(after, now);
                if (now.SequenceEqual(before) && run != "removal" && then == "rollback") Assert.Equal(records, nowRecords);
                Assert.Null((await lab.ReadAsync()).UnfinishedRun);
                if (nowRecords.Count > 0) Assert.Empty(await lab.DriftAsync());
                else if (then == "rollback") Assert.False(Directory.Exists(lab.Paths.Root), "an empty ledger stays");
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(where, e);
            }
        }
    }

    private static async Task<(IReadOnlyList<string> Photograph, IReadOnlyList<string> Records)> BeforeAsync(CutLab lab, string run)
    {
        lab.Prepare();
        await lab.WriteAsync(1);
        if (run != "first add") Assert.Null((await lab.AddAsync()).Failure);
        if (run == "add over another") await lab.WriteAsync(2);
        return (lab.Photograph(), lab.Records());
    }

    private static async Task RunAsync(CutLab lab, string run) =>
        Assert.Null((run == "removal" ? await lab.RemoveAsync() : await lab.AddAsync()).Failure);
}

using OpenCharly.Ledger;
using OpenCharly.Plans;

namespace OpenCharly.Tests.Ledger;

public sealed class RunJournalTests
{
    [Fact]
    public void A_journal_cut_at_any_byte_tells_a_beginning_of_the_whole()
    {
        var text = Text();
        var whole = RunJournal.Parse(text);
        Assert.Equal(2, whole.Steps.Count);
        Assert.True(whole.Steps[0].Succeeded);
        Assert.False(whole.Steps[1].Succeeded);
        for (var length = 0; length < text.Length; length++)
        {
            var cut = RunJournal.Parse(text[..length]);
            Assert.True(cut.Steps.Keys.All(whole.Steps.ContainsKey));
            if (cut.Steps.GetValueOrDefault(0) is { BeginBits: not null } step) Assert.Equal("01", step.BeginBits);
            if (cut.Steps.GetValueOrDefault(0)?.Kept.Count > 0) Assert.Equal("web/r-0-0", cut.Steps[0].Prior("/etc/a\tb\\c\n")!.Backup);
        }
    }

    [Fact]
    public void Damaged_lines_are_passed_over()
    {
        var journal = RunJournal.Parse(Text() + "\0\0\0\0\nE\t1\tx\t5\nB\t77\t1\t0\nnonsense\nE\t1\t3\t1790000001.5\n");
        Assert.Equal(3, journal.Steps[1].ExitCode);
        Assert.Equal(2, journal.Steps.Count);
    }

    [Fact]
    public void What_stood_at_a_path_is_what_was_kept_or_what_the_bits_say()
    {
        var journal = RunJournal.Parse(Text());
        Assert.Equal("absent", journal.Steps[0].Prior("/etc/new")!.Kind);
        Assert.Equal("file", journal.Steps[0].Prior("/etc/a\tb\\c\n")!.Kind);
        Assert.Null(journal.Steps[0].Prior("/elsewhere"));
        Assert.True(journal.Steps[1].IsUntouched("/etc/there"));
        Assert.False(journal.Steps[0].IsUntouched("/etc/new"));
    }

    [Fact]
    public void A_decimal_comma_in_times_is_understood()
    {
        var journal = RunJournal.Parse(Text().Replace("1790000000.25", "1790000000,25", StringComparison.Ordinal));
        Assert.Equal(250, journal.Steps[0].Begun!.Value.Millisecond);
    }

    private static string Text()
    {
        var run = new RunIntent { Run = "r", Verb = "add", DeployName = "lab", DeployId = "0123456789abcdef", Target = "host", Started = DateTimeOffset.UnixEpoch, BootId = "b" };
        var first = Step(0, new("/etc/new", false), new("/etc/a\tb\\c\n", false));
        var second = Step(1, new WatchedPath("/etc/there", false));
        string[] lines =
        [
            "I\t" + run.ToJson(), "S\t" + first.ToJson(), "S\t" + second.ToJson(), "X\t0\t01", "X\t1\t1",
            "B\t0\t1790000000.25\t01", "K\t0\tweb/r-0-0\t/etc/a\\tb\\\\c\\n", "E\t0\t0\t1790000000.75", "B\t1\t1790000001.0\t1",
        ];
        return string.Join('\n', lines) + "\n";
    }

    private static StepIntent Step(int index, params WatchedPath[] watch) => new()
    {
        Index = index,
        Candy = "web",
        Kind = StepKind.Op,
        Scope = StepScope.System,
        Venue = StepVenue.HostNative,
        Summary = "write: ä",
        Digest = "d" + index,
        Watch = watch,
    };
}

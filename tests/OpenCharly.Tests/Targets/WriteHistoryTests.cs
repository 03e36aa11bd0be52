using OpenCharly.Ledger;
using OpenCharly.Plans;
using OpenCharly.Targets;

namespace OpenCharly.Tests.Targets;

/// <summary>What a cut run leaves on record: a step that wrote a file after a later step of its candy had worked on it.</summary>
public sealed class WriteHistoryTests
{
    private readonly WriteHistory _history = new();

    [Fact]
    public void A_step_that_an_earlier_one_wrote_over_since_does_not_stand()
    {
        _history.Add("web", Wrote("/srv/tool", "1763760002.5"));
        Assert.Equal("/srv/tool was written since by an earlier step", _history.WhyNot("web", Wrote("/srv/tool", "1763760001.5")));
    }

    [Theory]
    [InlineData("web", "/srv/tool", "1763760002.5")]
    [InlineData("web", "/srv/tool", "1763760003.5")]
    [InlineData("web", "/srv/other", "1763760001.5")]
    [InlineData("base", "/srv/tool", "1763760001.5")]
    public void One_that_ended_later_or_wrote_elsewhere_stands(string candy, string path, string ended)
    {
        _history.Add("web", Wrote("/srv/tool", "1763760002.5"));
        Assert.Null(_history.WhyNot(candy, Wrote(path, ended)));
    }

    private static RecordedStep Wrote(string path, string ended) => new()
    {
        Kind = StepKind.Op, Scope = StepScope.System, Venue = StepVenue.HostNative, CompletedAt = DateTimeOffset.UnixEpoch,
        Extra = new Dictionary<string, string> { [LedgerExtra.Paths] = path, [LedgerExtra.Ended] = ended },
    };
}

using OpenCharly.Checks;
using OpenCharly.Foundation;

namespace OpenCharly.Tests.Checks;

/// <summary>Results of checks as another machine's charly prints them.</summary>
public sealed class CheckResultReaderTests
{
    [Fact]
    public void Results_come_back_as_they_were_and_are_of_the_deployment_here()
    {
        var read = Assert.Single(CheckResultReader.Read(
            """[{"id":"port","target":"shop","verb":"port","subject":"8080","candy":"web","section":"deploy","status":"fail","duration_seconds":1.5,"attempts":3,"expected":"open","actual":"closed"}]""",
            "vm:web", "vm:web.shop"));
        Assert.Equal(("port", "vm:web.shop", CheckStatus.Fail, TimeSpan.FromSeconds(1.5), 3), (read.Id, read.Target, read.Status, read.Duration, read.Attempts));
        Assert.Equal(("open", "closed"), (read.Expected, read.Actual));
        Assert.Empty(CheckResultReader.Read("[]", "vm:web", "vm:web.shop"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("charly: no such command")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""[{"status":"pass"}]""")]
    [InlineData("""[{"id":"a","status":"fine"}]""")]
    public void Anything_else_says_who_answered_and_that_nothing_was_checked(string printed)
    {
        var error = Assert.Throws<CharlyException>(() => CheckResultReader.Read(printed, "vm:web", "vm:web.shop"));
        Assert.Equal(Errors.ChecksNotRun, error.Code);
        Assert.StartsWith("vm:web: its charly did not answer with results of checks: ", error.Message, StringComparison.Ordinal);
        Assert.Equal("vm:web.shop", error.Target);
    }
}

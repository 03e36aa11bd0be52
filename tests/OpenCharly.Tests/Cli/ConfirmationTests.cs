using OpenCharly.Foundation;

namespace OpenCharly.Tests.Cli;

public sealed class ConfirmationTests
{
    [Theory]
    [InlineData("n\n")]
    [InlineData("\n")]
    [InlineData("")]
    [InlineData("yess\n")]
    public async Task Any_answer_but_yes_is_refused_with_exit_code_6(string answer)
    {
        using var run = new CommandRun { CanAsk = true, Input = answer };
        Assert.Equal(6, await run.RunAsync("vm", "destroy", "web", "--disk"));
        Assert.StartsWith("Destroy web and delete its disk? [y/N] error confirmation.denied: ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("y")]
    [InlineData("YES")]
    public async Task Yes_goes_on(string answer)
    {
        using var run = new CommandRun { CanAsk = true, Input = answer + "\n" };
        using var invocation = run.Invoke("version");
        await invocation.ConfirmAsync("Sure?", CancellationToken.None);
        Assert.Equal("Sure? [y/N] ", run.Error);
    }

    [Fact]
    public async Task Where_nobody_can_answer_nothing_is_asked()
    {
        using var run = new CommandRun();
        using var invocation = run.Invoke("version");
        await invocation.ConfirmAsync("Sure?", CancellationToken.None);
        Assert.Empty(run.Error);
    }
}

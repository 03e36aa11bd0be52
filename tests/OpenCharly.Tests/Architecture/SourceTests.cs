namespace OpenCharly.Tests.Architecture;

/// <summary>What must not stand in any source of the product.</summary>
public sealed class SourceTests
{
    [Theory]
    [InlineData("NotImplementedException")]
    [InlineData("Thread.Sleep")]
    [InlineData("StrictHostKeyChecking=no")]
    [InlineData("StrictHostKeyChecking no")]
    [InlineData("TODO")]
    [InlineData("FIXME")]
    public void No_source_holds(string forbidden)
    {
        var found = RepositoryRoot.Sources("src")
            .Where(f => File.ReadAllText(f).Contains(forbidden, StringComparison.Ordinal))
            .Select(f => Path.GetRelativePath(RepositoryRoot.Path, f));
        Assert.Empty(found);
    }
}

using OpenCharly.Ledger;

namespace OpenCharly.Tests.Ledger;

public sealed class StampsTests
{
    [Fact]
    public void A_line_of_stat_is_fields_and_a_path_with_blanks()
    {
        var stamps = Stamps.Read("17 4 81a4 0 0 1790000000.000000001 /srv/a b\n- - - - - - /srv/gone\n\nnonsense\n");
        Assert.Equal("17 4 81a4 0 0 1790000000.000000001", stamps["/srv/a b"]);
        Assert.Equal("- - - - - -", stamps["/srv/gone"]);
        Assert.Equal(2, stamps.Count);
    }

    [Theory]
    [InlineData("1 4 81a4 0 0 5.0", "1 4 81a4 0 0 5.0", true)]
    [InlineData("1 4 81a4 0 0 5.0", "1 4 81a4 0 0 6.0", false)]
    [InlineData("1 40 41ed 0 0 5.0", "1 60 41ed 0 0 6.0", true)]
    [InlineData("1 40 41ed 0 0 5.0", "1 60 41c0 0 0 6.0", false)]
    [InlineData("1 40 41ed 0 0 5.0", null, false)]
    public void Files_are_the_same_by_their_change_time_and_folders_by_mode_and_owner(string recorded, string? now, bool same) =>
        Assert.Equal(same, Stamps.Same(recorded, now));
}

using OpenCharly.Foundation;
using OpenCharly.Vms.Transfer;

namespace OpenCharly.Tests.Vms.Transfer;

public sealed class GuestImageNameTests
{
    [Theory]
    [InlineData("shop", "localhost/shop:latest")]
    [InlineData("shop:2026.180.1200", "localhost/shop:2026.180.1200")]
    [InlineData("team/shop", "localhost/team/shop:latest")]
    [InlineData("localhost/shop", "localhost/shop:latest")]
    [InlineData("localhost:5000/shop", "localhost:5000/shop:latest")]
    [InlineData("registry.example.org/team/shop:1", "registry.example.org/team/shop:1")]
    public void A_name_is_completed_as_the_engine_would(string text, string full) => Assert.Equal(full, GuestImageName.InFull(text));

    [Theory]
    [InlineData("")]
    [InlineData("-v")]
    [InlineData("Shop")]
    [InlineData("a b")]
    [InlineData("shop:")]
    [InlineData("shop\"\nlocation = \"x")]
    [InlineData("shop@sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("../shop")]
    [InlineData("shop:1\n")]
    public void What_can_be_no_name_is_refused(string text) =>
        Assert.Equal(Errors.BadName, Assert.Throws<CharlyException>(() => GuestImageName.InFull(text)).Code);
}

using OpenCharly.Foundation;
using OpenCharly.Ledger;
using OpenCharly.Plans;

namespace OpenCharly.Tests.Ledger;

public sealed class LedgerJsonTests
{
    private const string Old = """
        {
          "schema_version": "2026.161.1649",
          "candy": "weather",
          "deployed_by": ["0f3c9a1be27d4455"],
          "deployed_at": "2026-06-10T12:00:00.5+02:00",
          "steps": [{"kind": "Op", "scope": 2, "venue": 1, "completed_at": "2026-06-10T10:00:00Z"}],
          "reverse_ops": [{"kind": "package-remove", "format": "deb", "targets": ["jq"], "scope": 0, "extra": {"dependencies": ["libjq1", "libonig5"]}}],
          "future": {"x": 1}
        }
        """;

    [Fact]
    public void Numbers_for_scopes_are_read_and_words_are_written()
    {
        var node = LedgerJson.Parse("weather.json", Old);
        var record = LedgerJson.ReadCandy("weather.json", node);
        Assert.Equal((StepScope.UserProfile, StepVenue.ContainerBuilder), (record.Steps[0].Scope, record.Steps[0].Venue));
        Assert.Equal(StepScope.System, record.ReverseOps[0].Scope);
        Assert.Equal("libjq1\nlibonig5", record.ReverseOps[0].Extra["dependencies"]);
        var text = LedgerJson.Write(record, node);
        Assert.Contains("\"scope\": \"user-profile\"", text, StringComparison.Ordinal);
        Assert.Contains("\"venue\": \"container-builder\"", text, StringComparison.Ordinal);
        Assert.Contains("\"deployed_at\": \"2026-06-10T10:00:00Z\"", text, StringComparison.Ordinal);
        Assert.Contains("\"future\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_comes_back_as_it_was_written()
    {
        var record = LedgerJson.ReadCandy("weather.json", LedgerJson.Parse("weather.json", Old));
        var text = LedgerJson.Write(record, null);
        Assert.Equal(text, LedgerJson.Write(LedgerJson.ReadCandy("x", LedgerJson.Parse("x", text)), null));
    }

    [Theory]
    [InlineData("", "can't be read")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{\"candy\": \"x\"}", "no schema_version")]
    [InlineData("{\"schema_version\": \"1\", \"deployed_at\": \"x\"}", "candy is missing")]
    [InlineData("{\"schema_version\": \"1\", \"candy\": \"x\", \"deployed_at\": \"soon\"}", "no time")]
    public void A_record_that_makes_no_sense_is_an_error_that_names_the_file(string text, string why)
    {
        var error = Assert.Throws<CharlyException>(() => LedgerJson.ReadCandy("layers/x.json", LedgerJson.Parse("layers/x.json", text)));
        Assert.Equal(Errors.LedgerRecord, error.Code);
        Assert.Contains("layers/x.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }
}
